"""The warning before a listing ends: once for each end, and a link that renews, sells or deletes this listing alone."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from shared import accounts, clock, listings
from shared.accounts.models import User
from shared.errors import NotFound
from shared.events import EventRow
from shared.ids import compose, owner_of
from shared.listings import WARN_DAYS
from shared.sharding import current, read, transaction
from tests.factories.accounts import events
from tests.factories.listings import change, load, published, seller
from tests.factories.plans import plans

KEY = b"the secret of the tests, 32 bytes"
DAY = 86_400
NOW = 1_800_000_000
END = NOW + 60 * DAY
SOON = END - 2 * DAY


@pytest.fixture
def listing(fleet) -> int:
    with clock.freeze(NOW):
        return published(seller())


def warn(at: int) -> int:
    with clock.freeze(at):
        return sum(listings.warn_due(shard) for shard in current().names("user"))


def warnings(listing: int) -> list[EventRow]:
    return [event for event in events(owner_of(listing)) if event.type == "ListingExpiring"]


def link(listing: int) -> str:
    with read(owner_of(listing)) as session:
        contact = accounts.contact(session)
        assert contact is not None
        return listings.mint_expiring_link(KEY, load(session, listing), contact.email)


def opens(listing: int, token: str) -> bool:
    with read(owner_of(listing)) as session:
        try:
            return listings.listing_for_expiring_link(session, KEY, token).id == listing
        except NotFound:
            return False


def test_a_seller_is_warned_once_for_each_end(listing):
    assert warn(END - WARN_DAYS * DAY - 1) == 0
    assert warn(SOON) == 1
    assert warn(SOON + 60) == 0
    assert [each.body["expires_at"] for each in warnings(listing)] == [END]


def test_a_renewed_listing_is_warned_of_before_its_next_end(listing):
    warn(SOON)
    with clock.freeze(SOON):
        change(listing, listings.renew)
    assert warn(SOON) == 0
    assert warn(SOON + 58 * DAY) == 1
    assert [each.body["expires_at"] for each in warnings(listing)] == [END, SOON + 60 * DAY]


def test_a_reserved_listing_is_warned_of_too(listing):
    with clock.freeze(NOW):
        change(listing, listings.reserve)
    assert warn(SOON) == 1


@pytest.mark.parametrize("verb", [listings.mark_sold, listings.remove])
def test_nobody_is_warned_of_what_is_over(listing, verb):
    with clock.freeze(NOW):
        change(listing, verb)
    assert warn(SOON) == 0


def test_a_listing_that_has_ended_is_not_warned_of(listing):
    assert warn(END) == 0


def test_two_at_once_warn_once(listing):
    with clock.freeze(SOON), ThreadPoolExecutor(2) as pool:
        assert sum(pool.map(listings.warn_due, [*current().names("user")] * 2)) == 1
    assert len(warnings(listing)) == 1


def test_a_warning_changes_nothing_that_others_see(listing):
    with read(owner_of(listing)) as session:
        before = load(session, listing).revision
    warn(SOON)
    with read(owner_of(listing)) as session:
        assert load(session, listing).revision == before


def test_more_than_a_batch_is_warned_in_several(fleet):
    with clock.freeze(NOW):
        owner = seller()
        for _ in range(3):
            published(owner)
    shard = current().placement.lookup("user", owner).shard
    with clock.freeze(SOON):
        assert [listings.warn_due(shard, limit=2) for _ in range(3)] == [2, 1, 0]


@pytest.mark.sqlite_plans
def test_the_due_ones_are_found_by_an_index(listing):
    shard = current().placement.lookup("user", owner_of(listing)).shard
    with clock.freeze(SOON):
        found = plans(current().shard(shard), lambda: listings.warn_due(shard))
    assert any("ix_listing_state_expires_at" in plan for plan in found)
    assert not any("SCAN listing" in plan for plan in found)


def test_the_link_opens_its_listing_and_no_other(listing):
    with clock.freeze(NOW):
        other = published(owner_of(listing))
    warn(SOON)
    token = link(listing)
    assert listings.listing_of_expiring_link(token) == listing
    assert opens(listing, token)
    assert not opens(other, token)
    assert not opens(listing, link(other))


def test_the_link_holds_until_the_next_warning(listing):
    warn(SOON)
    token = link(listing)
    with clock.freeze(SOON):
        change(listing, listings.renew)
    assert opens(listing, token), "who renewed may still sell or delete by the same mail"
    warn(SOON + 58 * DAY)
    assert not opens(listing, token)


def test_the_link_ends_with_the_listing_and_with_the_mailbox(listing):
    warn(SOON)
    token = link(listing)
    with transaction(owner_of(listing)) as session:
        session.get_one(User, compose(owner_of(listing), 0)).email = "new@example.org"
    assert not opens(listing, token)
    token = link(listing)
    with clock.freeze(SOON):
        change(listing, listings.remove)
    assert not opens(listing, token)


@pytest.mark.parametrize("token", ["", "x", "f" * 46, "0" * 46])
def test_text_that_is_no_link_opens_nothing(listing, token):
    with pytest.raises(NotFound), read(owner_of(listing)) as session:
        listings.listing_for_expiring_link(session, KEY, token)
