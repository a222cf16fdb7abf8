"""One check for what a listing says; each wrong field is named."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import categories
from shared.errors import Invalid
from shared.listings import Details, check
from tests.factories.listings import VIENNA, details


def wrong(category: str = "bikes", **changes: object) -> dict[str, str]:
    with pytest.raises(Invalid) as caught:
        check(categories.get(category), details(**changes))
    return caught.value.fields


def test_a_price_without_a_currency_is_in_that_of_the_country():
    columns = check(categories.get("bikes"), details(price_currency=None))
    assert (columns["price_amount"], columns["price_currency"]) == (12_000, "EUR")


def test_a_gift_has_no_amount_and_nothing_to_haggle_about():
    columns = check(categories.get("bikes"), details(price_kind="free", price_amount=5, negotiable=True))
    assert (columns["price_amount"], columns["price_currency"], columns["negotiable"]) == (None, None, False)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": "\u202e\u202e ab"}, "title"),
        ({"title": "x" * 121}, "title"),
        ({"body": "short"}, "body"),
        ({"body": "x" * 8001}, "body"),
        ({"city": None}, "city"),
        ({"city": 1}, "city"),
        ({"city": -10}, "city"),
        ({"price_kind": "stolen"}, "price_kind"),
        ({"price_amount": None}, "price_amount"),
        ({"price_amount": 0}, "price_amount"),
        ({"price_amount": 10**12 + 1}, "price_amount"),
        ({"price_currency": "XXX"}, "price_currency"),
        ({"condition": "stolen"}, "condition"),
        ({"lat": 91.0, "lon": 0.0}, "lat"),
        ({"lat": float("nan"), "lon": 0.0}, "lat"),
        ({"lat": 48.2, "lon": 16.37}, "lat"),
        ({"fields": {"frame_size": "huge"}}, "fields.frame_size"),
        ({"fields": {"owner": "7"}}, "fields.owner"),
    ],
)
def test_a_wrong_field_is_named(changes, field):
    assert list(wrong(**changes)) == [field]


def test_all_wrong_fields_are_named_at_once():
    assert set(wrong(title="", body="", city=None, price_amount=None)) == {"title", "body", "city", "price_amount"}


def test_a_point_is_kept_to_ten_metres():
    columns = check(categories.get("bikes"), details(city=VIENNA, lat=48.20849999, lon=16.37208))
    assert (columns["lat"], columns["lon"]) == (48.2085, 16.3721)


@given(
    st.builds(
        Details,
        title=st.text(max_size=130),
        body=st.text(max_size=60),
        price_kind=st.text(max_size=8) | st.sampled_from(["amount", "free", "ask"]),
        city=st.none() | st.integers() | st.just(VIENNA),
        price_amount=st.none() | st.integers(),
        price_currency=st.none() | st.text(max_size=4),
        condition=st.none() | st.text(max_size=12),
        lat=st.none() | st.floats(),
        lon=st.none() | st.floats(),
        fields=st.dictionaries(st.text(max_size=8) | st.just("frame_size"), st.text(max_size=8), max_size=3),
    )
)
def test_whatever_is_said_is_accepted_or_refused_in_words(said):
    try:
        columns = check(categories.get("bikes"), said)
    except Invalid as error:
        assert all(error.fields.values())
    else:
        assert 3 <= len(columns["title"]) <= 120
        assert columns["city"] == VIENNA
