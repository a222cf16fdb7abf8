"""Whatever a details form is sent, it is read or refused in words; nothing breaks."""

from hypothesis import given
from hypothesis import strategies as st

from public_app.listings.entry import read_entry
from shared import categories
from shared.web.forms import Form

NAMES = ("title", "body", "price_kind", "price_amount", "price_currency", "condition", "place", "city", "coordinates")
TYPED = st.text(max_size=60) | st.sampled_from(
    ["", "Innsbruck", "Vienna", "2761369", "amount", "free", "EUR", "1.234,50", "47.26, 11.39", "NaN", "1e9", "²", "-1"]
)


@given(st.dictionaries(st.sampled_from([*NAMES, "place_asked", "fields-make", "fields-year"]), TYPED))
def test_any_form_is_read(values):
    form = Form(values)
    entry = read_entry(form, categories.get("cars"))
    assert (entry.details is None) == bool(form.errors)
    assert all(form.errors.values())


def test_a_complete_form_is_read_as_it_was_meant():
    form = Form(
        {
            "title": " Red  bicycle ",
            "body": "Well kept, new tyres.",
            "price_kind": "amount",
            "price_amount": "1 234.5",
            "place": "innsbruck, austria",
            "coordinates": "47.2692, 11.4041",
            "negotiable": "1",
        }
    )
    details = read_entry(form, categories.get("bikes")).details
    assert not form.errors
    assert (details.price_amount, details.city, details.lat, details.lon) == (123_450, 2775220, 47.2692, 11.4041)
    assert details.negotiable
