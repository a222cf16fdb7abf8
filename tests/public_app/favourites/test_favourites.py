"""Favourites: saved by a form of their own, listed from the catalogue, still explained when they are gone."""

import pytest

from shared import ids, listings
from tests.factories.listings import change, published, seller
from tests.factories.visitors import Visitor, sign_in


@pytest.fixture
def bo(visitor) -> Visitor:
    sign_in(visitor, seller("Bo"), "Bo")
    return visitor


def save(visitor: Visitor, listing: int, button: str = "save") -> str:
    visitor.open(f"/l/{ids.public(listing)}/save")
    return visitor.send(button).text


def test_a_listing_is_saved_listed_and_forgotten(bo):
    listing = published(seller())
    assert "Red bicycle" in save(bo, listing)
    change(listing, listings.mark_sold)
    assert "Sold" in bo.open("/favourites").text
    change(listing, listings.remove)
    page = bo.open("/favourites").text
    assert "Removed listing" in page
    assert "Red bicycle" not in page
    assert "Nothing here yet" in save(bo, listing, "forget")


def test_looking_at_the_form_saves_nothing(bo):
    bo.open(f"/l/{ids.public(published(seller()))}/save")
    assert "Nothing here yet" in bo.open("/favourites").text


def test_what_is_removed_or_never_was_cannot_be_saved(bo):
    listing = published(seller())
    bo.open(f"/l/{ids.public(listing)}/save")
    change(listing, listings.remove)
    assert bo.send("save").status_code == 404
    for unknown in (0, 2**53, ids.public(listing)):
        assert bo.client.get(f"/l/{unknown}/save").status_code == 404


def test_what_is_gone_can_be_forgotten_by_the_page_that_saved_it(bo):
    listing = published(seller())
    save(bo, listing)
    change(listing, listings.remove)
    assert "A listing that is gone" in bo.open(f"/l/{ids.public(listing)}/save").text
    assert "Nothing here yet" in bo.send("forget").text


def test_strangers_are_asked_to_log_in_and_come_back(visitor):
    path = f"/l/{ids.public(published(seller()))}/save"
    answer = visitor.client.get(path)
    assert (answer.status_code, answer.location) == (303, f"/login?next={path}")
    assert visitor.client.get("/favourites").status_code == 303
