"""The inverted index over the searches finds what comparing with each of them would, wherever they live."""

import random

import pytest

from shared import alerts
from shared.alerts.keys import MAX_CELLS
from shared.errors import Invalid
from shared.search import Point, SearchRequest
from shared.search.whoosh_index import WhooshIndex
from tests.factories.alerts import change, key_maker, matcher, saved, saved_by_guest
from tests.factories.catalog import INNSBRUCK, VIENNA
from tests.factories.listings import seller, sellers_everywhere
from tests.factories.plans import plans
from tests.factories.search import document
from tests.factories.settings import settings
from tests.shared.alerts.test_subject import a_document, a_request

LISTING = {"owner": 77, "region": "AT.07", "lat": 47.26, "lon": 11.39}


def matched(title: str = "Red bicycle", **values) -> list[int]:
    return matcher().searches(document(1, title, **{**LISTING, **values}))


def test_searches_of_every_shard_are_found(fleet):
    searches = [saved(owner) for owner in sellers_everywhere(4)]
    assert matched() == sorted(searches)


def test_the_same_searches_are_found_as_by_comparing_with_each(fleet):
    chance, compare, owners = random.Random(11), matcher(), [seller() for _ in range(6)]
    kept = {}
    while len(kept) < 150:
        request = a_request(chance)
        try:
            key_maker().keys(alerts.to_text(request))
        except Invalid:
            continue
        kept[saved_with_room(owners, request)] = alerts.to_text(request)
    found = 0
    for _ in range(40):
        one = a_document(chance)
        subject = compare.subject(one)
        wanted = sorted(search for search, request in kept.items() if compare.fits(subject, request))
        assert compare.searches(one) == wanted
        found += len(wanted)
    assert found > 50, "too few matches to prove anything"


def saved_with_room(owners: list[int], request: SearchRequest) -> int:
    """Saved by one owner after the other, so that all have room for it."""
    owners.append(owners.pop(0))
    return saved(owners[0], **{name: getattr(request, name) for name in request.__dataclass_fields__})


@pytest.mark.parametrize(
    ("asked", "finds"),
    [
        ({"city": INNSBRUCK}, True),
        ({"city": VIENNA}, False),
        ({"region": "AT.07"}, True),
        ({"country": "DE"}, False),
        ({"near": Point(47.0, 11.0), "within_km": 60.0}, True),
        ({"near": Point(47.0, 11.0), "within_km": 20.0}, False),
        ({"near": Point(48.0, 12.0), "within_km": 1000.0}, True),
    ],
)
def test_places_narrow_a_search(fleet, asked, finds):
    search = saved(seller(), **asked)
    assert matched() == ([search] if finds else [])


def test_a_circle_over_the_date_line_finds_what_lies_beyond(fleet):
    search = saved(seller(), near=Point(-17.0, 179.9), within_km=60.0)
    assert matched(lat=-17.0, lon=-179.9) == [search]
    assert matched(lat=-17.0, lon=179.5) == [search]


def test_a_circle_around_a_pole_is_kept_everywhere_and_still_right(fleet):
    search = saved(seller(), near=Point(89.5, 0.0), within_km=100.0)
    assert matched(lat=89.9, lon=180.0) == [search]
    assert matched(lat=47.0, lon=0.0) == []


def test_a_search_without_words_is_kept_by_its_category_or_section(fleet):
    owner = seller()
    category, section = saved(owner, "", category="bicycles"), saved(owner, "", section="for-sale")
    excluding = saved(owner, "-blue", country="AT")
    assert matched() == sorted((category, section, excluding))
    assert matched("Blue bicycle") == sorted((category, section))


def test_one_s_own_listing_is_no_news(fleet):
    owner = seller()
    saved(owner)
    assert matched(owner=owner) == []


def test_what_is_paused_or_not_confirmed_is_not_found_until_it_is(fleet):
    paused, unconfirmed = saved(seller()), saved_by_guest()
    change(paused, alerts.pause)
    assert matched() == []
    change(paused, alerts.resume)
    change(unconfirmed, alerts.confirm)
    assert matched() == sorted((paused, unconfirmed))
    for each in (paused, unconfirmed):
        change(each, alerts.remove)
    assert matched() == []


def test_a_word_that_fewer_listings_have_is_the_key(tmp_path, fleet):
    index = WhooshIndex(tmp_path / "index")
    index.rebuild([document(number, "Bicycle" if number else "Unicycle bicycle") for number in range(5)], {})
    maker = alerts.key_maker(settings(tmp_path), index)
    assert maker.keys(alerts.to_text(SearchRequest("bicycle unicycle"))) == maker.keys(
        alerts.to_text(SearchRequest("unicycle"))
    )


@pytest.mark.parametrize("asked", [SearchRequest("the of"), SearchRequest("!!!"), SearchRequest("-")])
def test_words_that_say_nothing_cannot_be_saved(asked):
    with pytest.raises(Invalid, match="say nothing"):
        key_maker().keys(alerts.to_text(asked))


@pytest.mark.parametrize("asked", [SearchRequest(), SearchRequest(price_max=5), SearchRequest("-red", has_photo=True)])
def test_what_nearly_everything_matches_cannot_be_saved(asked):
    with pytest.raises(Invalid, match="Nearly every new listing"):
        key_maker().keys(alerts.to_text(asked))


def test_a_question_is_never_kept_under_more_keys_than_alternatives_and_cells():
    wide = SearchRequest("second hand tv", near=Point(47, 11), within_km=150)
    assert 0 < len(key_maker().keys(alerts.to_text(wide)).keys) <= 4 * MAX_CELLS


def test_a_pair_is_recorded_once_however_often_it_is_found(fleet):
    searches = [saved(seller()) for _ in range(4)]
    assert alerts.note_matches(77 << 22 | 1, 1, searches) == 4
    assert alerts.note_matches(77 << 22 | 1, 1, [*searches, searches[0] + 1]) == 0
    assert alerts.note_matches(77 << 22 | 2, 1, searches[:1]) == 1


def test_what_was_paused_or_deleted_after_it_was_found_is_passed_over(fleet):
    paused, deleted = saved(seller()), saved(seller())
    change(paused, alerts.pause)
    change(deleted, alerts.remove)
    assert alerts.note_matches(77 << 22 | 1, 1, [paused, deleted]) == 0


def test_recording_reads_the_searches_that_were_found_and_no_others(fleet):
    searches = [saved(seller()) for _ in range(40)]
    for plan in plans(fleet.shard("u1"), lambda: alerts.note_matches(77 << 22 | 1, 1, searches)):
        assert "SCAN" not in plan and "saved_search_state" not in plan, plan


def test_candidates_are_found_by_the_index_of_keys(fleet):
    saved(seller())
    plan = plans(fleet.shard("u1"), matched)[-1]
    assert "search_key" in plan and "SCAN" not in plan, plan
    if fleet.shard("u1").is_sqlite:
        assert "selector=? AND scope=?" in plan
