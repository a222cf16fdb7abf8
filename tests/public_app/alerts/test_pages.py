"""Saving a search from its page, with an account and without, and everything that can be done with it afterwards."""

import re

import pytest
from sqlalchemy import select

from shared import accounts, alerts, clock, ids
from shared.listings.models import Favourite
from shared.search import SearchRequest
from shared.sharding import read
from tests.factories import accounts as people
from tests.factories.alerts import saved, saved_by_guest, search
from tests.factories.listings import published, seller
from tests.factories.visitors import Visitor, sign_in

KEY = b"the secret of the tests, 32 bytes"
SEARCH = "/search?q=red+bike&place=at&category=bikes&max_price=100&sort=price_asc&view=gallery&since=week"


@pytest.fixture
def bo(visitor) -> Visitor:
    visitor.owner = seller("Bo")  # type: ignore[attr-defined]
    sign_in(visitor, visitor.owner, "Bo")  # type: ignore[attr-defined]
    return visitor


def mine(visitor: Visitor) -> list[alerts.SavedSearch]:
    with read(visitor.owner) as session:  # type: ignore[attr-defined]
        return list(alerts.searches(session))


def save_link(visitor: Visitor, path: str) -> str:
    links = re.findall(r'href="(/searches/new[^"]*)"', visitor.open(path).text)
    assert links, "the page offers to save the search"
    return links[0].replace("&amp;", "&")


def token_of(search_id: int) -> str:
    owner = ids.owner_of(search_id)
    with read(owner) as session:
        contact = accounts.contact(session)
    assert contact is not None
    return alerts.token(KEY, search_id, contact)


def test_a_search_is_saved_from_its_page_as_it_is_asked(bo):
    bo.open(save_link(bo, SEARCH))
    page = bo.send(name="Bikes", frequency="weekly").text
    assert "The search is saved" in page and "Bikes" in page
    (one,) = mine(bo)
    assert (one.name, one.frequency, one.state) == ("Bikes", "weekly", "active")
    assert one.parameters == {"q": "red bike", "place": "at", "category": "bikes", "max_price": "100"}
    asked = SearchRequest("red bike", country="AT", category="bikes", price_max=10_000, currency="EUR")
    assert alerts.from_text(one.request) == asked


def test_an_empty_page_and_a_browse_page_offer_it_too(visitor):
    assert "Get a mail when there is something" in visitor.open("/search?q=unobtainium").text
    assert save_link(visitor, "/search?q=unobtainium") == "/searches/new?q=unobtainium"
    assert save_link(visitor, "/c/bikes/in/at") == "/searches/new?place=at&category=bikes"


def test_pages_that_may_be_kept_carry_no_form_that_posts(visitor):
    for path in ("/search?q=bike", "/c/bikes"):
        assert 'method="post"' not in visitor.open(path).text


def test_it_gets_a_name_by_itself(bo):
    bo.open("/searches/new?q=red+bike&place=at")
    bo.send()
    assert [(one.name, one.frequency) for one in mine(bo)] == [("“red bike”, Austria", "daily")]


def test_a_form_that_is_sent_twice_saves_once(bo):
    bo.open("/searches/new?q=bike")
    form = bo.page
    for _ in range(2):
        bo.page = form
        bo.send(name="Bikes")
    assert len(mine(bo)) == 1


def test_a_distance_counts_and_a_place_to_sort_by_does_not(bo):
    bo.open(save_link(bo, "/search?q=bike&near=at/tyrol/innsbruck&km=25"))
    bo.send(name="near")
    bo.open(save_link(bo, "/search?q=bike&near=at/tyrol/innsbruck&sort=nearest"))
    bo.send(name="anywhere")
    near, anywhere = (alerts.from_text(one.request) for one in mine(bo))
    assert near.within_km == 25 and near.near is not None
    assert anywhere == SearchRequest("bike")


def test_fields_of_the_category_count(bo):
    bo.open("/searches/new?category=cars&d_year_from=2015")
    bo.send()
    (one,) = mine(bo)
    assert alerts.from_text(one.request).details[0].minimum == 2015
    assert one.parameters == {"category": "cars", "d_year_from": "2015"}


@pytest.mark.parametrize("query", ["max_price=5", "photo=1", "q=the", "q=%21%21", "q=-red"])
def test_what_cannot_be_watched_is_refused_with_a_way_back(visitor, query):
    page = visitor.client.get(f"/searches/new?{query}")
    assert page.status_code == 422
    assert "cannot be saved" in page.text and 'href="/search?' in page.text


@pytest.mark.parametrize("query", ["", "place=nowhere-at-all&q=x", "q=x&min_price=abc"])
def test_what_is_no_question_goes_back_to_the_search_page(visitor, query):
    answer = visitor.client.get(f"/searches/new?{query}")
    assert (answer.status_code, answer.location.partition("?")[0]) == (303, "/search")


def test_mistakes_are_said_and_what_was_typed_is_kept(bo):
    bo.open("/searches/new?q=bike")
    page = bo.send(name="", frequency="hourly")
    assert page.status_code == 422
    assert "Give it a name" in page.text and "Choose one of the options shown" in page.text
    assert mine(bo) == []


def test_when_there_is_no_room_for_another_it_says_so(bo, monkeypatch):
    monkeypatch.setattr("shared.alerts.saving.MOST_SEARCHES", 0)
    bo.open("/searches/new?q=bike")
    page = bo.send()
    assert page.status_code == 422
    assert "as many as there can be" in page.text


def test_a_guest_gives_an_address_and_is_sent_a_link(visitor):
    visitor.open("/searches/new?q=bike")
    assert "Look into your mail" in visitor.send(email="guest@example.org").text
    visitor.open("/searches/new?q=bike")
    page = visitor.send(email="nobody")
    assert page.status_code == 422 and 'id="e-email"' in page.text


def test_an_address_is_not_flooded(visitor):
    for _ in range(6):
        visitor.open("/searches/new?q=bike")
        assert visitor.send(email="victim@example.org").status_code == 200
    visitor.open("/searches/new?q=bike")
    assert visitor.send(email="victim@example.org").status_code == 429


def test_opening_the_mailed_link_changes_nothing_and_pressing_the_button_confirms(visitor):
    one = saved_by_guest()
    page = visitor.open(f"/searches/{token_of(one)}")
    assert "Not confirmed yet" in page.text
    assert search(one).state == "unconfirmed"
    assert "confirmed" in visitor.send("confirm").text
    assert search(one).state == "active"


def test_the_link_changes_pauses_and_deletes_without_logging_in(visitor):
    one = saved_by_guest()
    path = f"/searches/{token_of(one)}"
    visitor.open(path)
    visitor.send("confirm")
    visitor.send("change", name="Wheels", frequency="weekly")
    assert (search(one).name, search(one).frequency) == ("Wheels", "weekly")
    assert "Paused" in visitor.send("pause").text
    assert "Paused" not in visitor.send("resume").text
    assert "deleted" in visitor.send("delete").text
    assert visitor.client.get(path).status_code == 404


@pytest.mark.parametrize("token", ["x", "0" * 46, "f" * 46, "é" * 46, "00000000000001" + "0" * 32])
def test_a_link_that_is_none_opens_nothing(visitor, token):
    assert visitor.client.get(f"/searches/{token}").status_code == 404
    visitor.open("/post")
    assert visitor.client.post(f"/searches/{token}", data={"action": "delete"}).status_code in (403, 404)


def test_the_list_tells_what_is_new(bo):
    one = saved(bo.owner, "desk", name="Desks")
    saved(bo.owner, "lamp", name="Lamps")
    with clock.freeze(clock.now() - 3 * 86_400):
        alerts.note_matches(77 << 22 | 1, 1, [one])
    page = bo.open("/account/searches").text
    assert "1 new in the last 7 days" in page and "sort=newest&amp;since=week" in page
    assert "nothing new in the last 7 days" in page
    assert "/account/searches" in bo.open("/account").text


def test_an_owner_changes_and_deletes_in_the_account(bo):
    one = saved(bo.owner)
    bo.open(f"/account/searches/{ids.public(one)}")
    assert "Your changes are saved" in bo.send("change", name="Wheels", frequency="daily").text
    bo.open(f"/account/searches/{ids.public(one)}")
    assert bo.send("change", name="", frequency="daily").status_code == 422
    bo.open(f"/account/searches/{ids.public(one)}")
    assert "Nothing here yet" in bo.send("delete").text


def test_strangers_find_nothing_there(bo):
    theirs = saved(seller())
    for unknown in (ids.public(theirs), ids.public(ids.compose(bo.owner, 999)), 0, 2**53, 2**70):
        assert bo.client.get(f"/account/searches/{unknown}").status_code == 404


def test_whoever_is_not_logged_in_is_asked_to_for_the_account_s_list(visitor):
    for path in ("/account/searches", "/account/searches/1"):
        assert visitor.client.get(path).location == f"/login?next={path}"


def test_pages_about_searches_are_never_kept(visitor):
    for path in ("/searches/new?q=bike", "/searches/sent", f"/searches/{token_of(saved_by_guest())}"):
        assert "no-store" in visitor.client.get(path).headers["Cache-Control"]


def test_the_download_has_what_was_saved(app, visitor):
    people.configure()
    owner = people.confirmed("bo@example.org")
    sign_in(visitor, owner)
    saved(owner, name="Desks")
    told = visitor.client.get("/account/export").get_json()
    assert [each["name"] for each in told["searches"]] == ["Desks"]


def test_a_favourite_remembers_what_it_cost(bo):
    bo.open(f"/l/{ids.public(published(seller()))}/save")
    bo.send("save")
    with read(bo.owner) as session:
        row = session.scalars(select(Favourite).where(Favourite.owner == bo.owner)).one()
    assert (row.price_amount, row.price_currency) == (12_000, "EUR")
