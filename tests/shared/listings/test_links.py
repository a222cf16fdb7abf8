"""Guests manage a listing by their browser's key or by the e-mailed link, one listing only, until it is revoked."""

import pytest

from shared import clock, listings
from shared.errors import Conflict, Invalid, NotFound, Throttled
from shared.ids import owner_of
from shared.sharding import allocate_owner, read, transaction
from tests.factories.listings import change, draft, guest_draft, seller

KEY = "browser-key"


@pytest.fixture
def listing(fleet) -> int:
    return guest_draft(KEY)


def mint(listing: int) -> str:
    with transaction(owner_of(listing)) as session:
        return listings.mint_manage_link(session, listing)


def by_token(listing: int, token: str) -> int:
    with read(owner_of(listing)) as session:
        return listings.listing_for_token(session, token).id


def by_browser(listing: int, key: str) -> int:
    with read(owner_of(listing)) as session:
        return listings.listing_for_browser(session, listing, key).id


def test_the_browser_that_wrote_a_draft_may_manage_it_and_no_other(listing):
    assert by_browser(listing, KEY) == listing
    for key in ("", "other", KEY + "x"):
        with pytest.raises(NotFound):
            by_browser(listing, key)


def test_the_mailed_token_manages_its_listing_and_a_second_mail_leaves_it_valid(listing):
    change(listing, listings.ask_manage_link, "bo@example.org")
    first, second = mint(listing), mint(listing)
    assert first != second
    assert by_token(listing, first) == by_token(listing, second) == listing
    assert listings.listing_of_token(first) == listing


def test_a_link_mailed_to_one_address_is_worthless_once_the_draft_has_another(listing):
    change(listing, listings.ask_manage_link, "bo@example.org")
    first = mint(listing)
    with clock.freeze(clock.now() + 61):
        change(listing, listings.ask_manage_link, "somebody-else@example.org")
    with pytest.raises(NotFound):
        by_token(listing, first)
    assert by_token(listing, mint(listing)) == listing


def test_a_token_is_of_no_use_for_another_listing(listing):
    other = guest_draft(KEY)
    token = mint(listing)
    forged = f"{mint(other).partition('.')[0]}.{token.partition('.')[2]}"
    with pytest.raises(NotFound):
        by_token(other, forged)


@pytest.mark.parametrize(
    "token", ["", ".", "1.", "x.y", "9999999999999999.x", "1" * 40 + ".x", "١.x", "-1.x", "../etc"]
)
def test_what_is_no_token_is_not_found(fleet, token):
    with pytest.raises(NotFound):
        owner = owner_of(listings.listing_of_token(token))
        with read(owner) as session:
            listings.listing_for_token(session, token)


def test_revoked_links_and_links_of_removed_listings_are_worthless(listing):
    token = mint(listing)
    with transaction(owner_of(listing)) as session:
        listings.revoke_links(session, listing)
    for find, secret in ((by_token, token), (by_browser, KEY)):
        with pytest.raises(NotFound):
            find(listing, secret)
    token = mint(listing)
    change(listing, listings.remove)
    with pytest.raises(NotFound):
        by_token(listing, token)


def test_opening_the_link_takes_the_listing_from_the_browser_that_wrote_it(listing):
    change(listing, listings.take_over, "hers")
    assert by_browser(listing, "hers") == listing
    with pytest.raises(NotFound):
        by_browser(listing, KEY)


def test_links_are_not_sent_in_heaps(listing):
    now = clock.now()
    for minute in range(10):
        with clock.freeze(now + 61 * minute):
            change(listing, listings.ask_manage_link, "bo@example.org")
            with pytest.raises((Throttled, Conflict)):
                change(listing, listings.ask_manage_link, "bo@example.org")
    with clock.freeze(now + 99_999), pytest.raises(Conflict):
        change(listing, listings.ask_manage_link, "bo@example.org")


def test_no_link_for_an_incomplete_draft_or_a_listing_with_an_account(fleet):
    owner = allocate_owner()
    with transaction(owner) as session:
        unfinished = listings.start_guest_draft(session, "bikes", KEY)
    with pytest.raises(Invalid):
        change(unfinished, listings.ask_manage_link, "bo@example.org")
    with pytest.raises(NotFound):
        change(draft(seller()), listings.ask_manage_link, "bo@example.org")
