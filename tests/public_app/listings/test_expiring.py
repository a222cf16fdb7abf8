"""The three links in the mail before a listing ends: a page with one button each, for sellers and guests alike."""

import pytest

from shared import accounts, clock, listings
from shared.ids import owner_of, public
from shared.sharding import current, read
from tests.factories.listings import load, published, seller
from tests.factories.visitors import forms

DAY = 86_400


@pytest.fixture(params=["active", "guest"])
def listing(request, fleet) -> int:
    with clock.freeze(clock.now() - 58 * DAY):
        made = published(seller(state=request.param))
    for shard in current().names("user"):
        listings.warn_due(shard)
    return made


@pytest.fixture
def path(app, listing) -> str:
    with read(owner_of(listing)) as session:
        contact = accounts.contact(session)
        assert contact is not None
        return (
            f"/expiring/{listings.mint_expiring_link(app.config['SECRET_KEY'], load(session, listing), contact.email)}"
        )


def look(listing: int) -> listings.Listing:
    with read(owner_of(listing)) as session:
        return load(session, listing)


@pytest.mark.parametrize("choice", ["renew", "sold", "delete"])
def test_opening_a_link_does_nothing(visitor, listing, path, choice):
    before = look(listing).revision
    for _ in range(2):
        page = visitor.open(f"{path}/{choice}")
        assert page.status_code == 200
        assert "Red bicycle" in page.text
        assert page.headers["Cache-Control"] == "no-store"
        assert len(forms(page.text)) == 1
    assert look(listing).revision == before


def test_the_button_renews_once(visitor, listing, path):
    visitor.open(f"{path}/renew")
    page = visitor.send()
    assert "full time again" in page.text
    assert look(listing).expires_at > clock.now() + 59 * DAY
    assert forms(page.text) == [], "nothing is left to do"


def test_the_button_marks_as_sold(visitor, listing, path):
    visitor.open(f"{path}/sold")
    assert "marked as sold" in visitor.send().text
    assert look(listing).state == "sold"
    assert forms(visitor.open(f"{path}/sold").text) == []


def test_the_button_deletes_and_the_links_are_spent(visitor, path):
    visitor.open(f"{path}/delete")
    assert "Your listing is deleted." in visitor.send().text
    assert visitor.open(f"{path}/renew").status_code == 404


def test_a_listing_that_has_ended_is_put_on_view_again(visitor, listing, path):
    with clock.freeze(clock.now() + 3 * DAY):
        for shard in current().names("user"):
            listings.expire_due(shard)
        assert "Its time is over" in visitor.open(f"{path}/renew").text
        visitor.send()
    assert look(listing).state == "published"


def test_each_page_leads_to_the_other_two(visitor, listing, path):
    page = visitor.open(f"{path}/sold").text
    assert f'href="{path}/renew"' in page
    assert f'href="{path}/delete"' in page
    assert f'href="/l/{public(listing)}"' in page


@pytest.mark.parametrize("end", ["/everything", "/renew/now"])
def test_there_are_no_other_pages(visitor, path, end):
    assert visitor.open(path + end).status_code == 404


def test_a_wrong_link_opens_nothing(visitor, listing, path):
    for wrong in (path[:-1] + "01"[path[-1] == "0"], path[:24] + "0" * 32, "/expiring/x"):
        assert visitor.open(f"{wrong}/delete").status_code == 404
    assert look(listing).state == "published"


def test_a_form_without_the_token_of_its_page_does_nothing(visitor, listing, path):
    assert visitor.client.post(f"{path}/delete").status_code == 403
    assert look(listing).state == "published"
