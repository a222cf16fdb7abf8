"""A listing's life: which change is possible when, what it tells, and that one of two changes at once wins."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from shared import clock, ids, listings
from shared.errors import Conflict, Invalid, NotFound
from shared.events import ListingRemoved, ListingSold, ListingUpdated, NewListingCreated, load, read_feed
from shared.events.relay import number_pending
from shared.ids import owner_of
from shared.listings.errors import WrongState
from shared.sharding import current, read, transaction
from tests.factories.listings import (
    INNSBRUCK,
    MANIFEST,
    VIENNA,
    change,
    details,
    draft,
    published,
    seller,
)
from tests.factories.listings import (
    load as load_listing,
)

DAY = 86_400


@pytest.fixture
def owner(fleet) -> int:
    return seller()


def told(owner: int) -> list[object]:
    """Every event of the owner, in order."""
    for shard in current().names("user"):
        number_pending(shard)
    rows = [row for shard in current().names("user") for row in read_feed(shard, 0, 500)]
    with read(owner) as session:
        return [load(session, row.id).event for row in rows if row.owner == owner]


def state(listing_id: int) -> str:
    with read(owner_of(listing_id)) as session:
        return load_listing(session, listing_id).state


def test_publishing_a_draft_tells_of_it_once(owner):
    listing = published(owner)
    assert change(listing, listings.publish) is False
    events = told(owner)
    assert [type(event) for event in events] == [NewListingCreated]
    with read(owner) as session:
        row = load_listing(session, listing)
        assert (row.state, row.revision) == ("published", events[0].revision)
        assert row.expires_at - row.published_at == 60 * DAY


def test_a_draft_tells_nobody(owner):
    listing = draft(owner)
    change(listing, listings.edit, details(title="Blue bicycle"))
    change(listing, listings.remove)
    assert told(owner) == []


def test_an_incomplete_draft_is_not_published(owner):
    with transaction(owner) as session:
        listing = listings.start_draft(session, "cars", "Anna")
    with pytest.raises(Invalid) as caught:
        change(listing, listings.publish)
    assert set(caught.value.fields) == {"title", "body", "city", "price_amount", "fields.make"}
    assert state(listing) == "draft"


def test_every_change_makes_a_new_revision_and_moving_names_the_old_city(owner):
    listing = published(owner)
    change(listing, listings.edit, details(city=VIENNA))
    change(listing, listings.reserve)
    change(listing, listings.reserve)
    change(listing, listings.release)
    change(listing, listings.renew)
    change(listing, listings.mark_sold)
    _, moved, *flags, sold = told(owner)
    assert (moved.city, moved.previous_city) == (VIENNA, INNSBRUCK)
    assert [type(event) for event in flags] == [ListingUpdated] * 3
    assert isinstance(sold, ListingSold)
    revisions = [event.revision for event in told(owner)]
    assert revisions == sorted(set(revisions))


@pytest.mark.parametrize("verb", [listings.reserve, listings.release, listings.mark_sold, listings.renew])
def test_a_draft_can_only_be_published_or_removed(owner, verb):
    with pytest.raises(WrongState):
        change(draft(owner), verb)


@pytest.mark.parametrize("verb", [listings.reserve, listings.publish])
def test_a_sold_listing_is_not_changed(owner, verb):
    listing = published(owner)
    change(listing, listings.mark_sold)
    with pytest.raises(WrongState):
        change(listing, verb)
    with pytest.raises(WrongState):
        change(listing, listings.edit, details())


def test_a_removed_listing_is_gone_even_for_its_seller(owner):
    listing = published(owner)
    change(listing, listings.remove)
    with pytest.raises(NotFound):
        change(listing, listings.renew)
    assert told(owner)[-1].reason == "deleted"


def test_strangers_are_told_that_there_is_no_such_listing(owner):
    listing, stranger = published(owner), seller("Bo")
    with transaction(stranger) as session, pytest.raises(NotFound):
        listings.listing_for_seller(session, listing, stranger)
    with transaction(owner) as session, pytest.raises(NotFound):
        listings.listing_for_seller(session, listing, stranger)


def test_time_ends_a_listing_and_renewing_brings_it_back(owner):
    listing = published(owner)
    end = clock.now() + 60 * DAY + 1
    with clock.freeze(end):
        shards = current().names("user")
        assert listings.shown(listing).state == "expired"
        assert sum(listings.expire_due(shard) for shard in shards) == 1
        assert sum(listings.expire_due(shard) for shard in shards) == 0
        assert told(owner)[-1].reason == "expired"
        change(listing, listings.renew)
        with read(owner) as session:
            row = load_listing(session, listing)
            assert (row.state, row.published_at, row.ended_at) == ("published", end, None)


def test_selling_and_renewing_again_and_again_moves_a_listing_up_once_a_week_at_most(owner):
    start = clock.now()
    with clock.freeze(start):
        listing = published(owner)
    for days, expected in ((0, 0), (3, 0), (7, 0), (8, 8), (9, 8), (15, 8), (16, 16)):
        with clock.freeze(start + days * DAY):
            change(listing, listings.mark_sold)
            change(listing, listings.renew)
            with read(owner) as session:
                row = load_listing(session, listing)
        assert (row.published_at, row.expires_at) == (start + expected * DAY, start + (days + 60) * DAY)


def test_what_was_renewed_meanwhile_is_not_ended(owner):
    listing = published(owner)
    with clock.freeze(clock.now() + 59 * DAY):
        change(listing, listings.renew)
    with clock.freeze(clock.now() + 61 * DAY):
        assert sum(listings.expire_due(shard) for shard in current().names("user")) == 0
    assert state(listing) == "published"


def test_of_many_changes_at_once_none_is_lost_and_one_deletion_wins(owner):
    listing = published(owner)

    def attempt(verb) -> bool:
        try:
            change(listing, verb)
        except (NotFound, Conflict):
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(attempt, [listings.remove] * 4 + [listings.mark_sold] * 4))
    assert sum(won[:4]) == 1
    removed = [event for event in told(owner) if isinstance(event, ListingRemoved)]
    assert len(removed) == 1
    assert removed[0].revision == max(event.revision for event in told(owner))


def test_publishing_twice_at_once_publishes_once(owner):
    listing = draft(owner)
    with ThreadPoolExecutor(6) as pool:
        outcomes = list(pool.map(lambda _: change(listing, listings.publish), range(6)))
    assert sum(outcomes) == 1
    assert [type(event) for event in told(owner)] == [NewListingCreated]


def test_closing_an_account_removes_every_listing(owner):
    kept = [published(owner), draft(owner), published(owner)]
    with transaction(owner) as session:
        assert listings.remove_all_of(session) == 3
    with transaction(owner) as session:
        assert listings.remove_all_of(session) == 0
    assert {event.reason for event in told(owner) if isinstance(event, ListingRemoved)} == {"closed"}
    assert listings.shown(kept[0]).state == "removed"


def test_the_document_for_the_copies_carries_everything_they_show(owner):
    listing = published(owner, photos=2, fields={"frame_size": "56"}, condition="good")
    with read(owner) as session:
        document = listings.search_document(session, listing)
    assert document.fields == {"frame_size": 56}
    assert document.thumb == listings.Thumb(MANIFEST["160"]["jpg"], MANIFEST["160"]["avif"], 160, 120)
    assert (document.photo_count, document.seller_name, document.condition) == (2, "Anna", "good")
    scanned = [each for shard in current().names("user") for each in listings.published_after(shard, 0, 10)]
    assert scanned == [document]
    change(listing, listings.mark_sold)
    with read(owner) as session:
        assert listings.search_document(session, listing) is None
    assert not any(listings.published_after(shard, 0, 10) for shard in current().names("user"))


def test_a_rebuild_walks_all_listings_in_steps(owner):
    made = sorted(published(owner) for _ in range(5))
    found, after = [], 0
    shard = next(name for name in current().names("user") if listings.published_after(name, 0, 1))
    while step := listings.published_after(shard, after, 2):
        after = step[-1].id
        found += [each.id for each in step]
    assert found == made


def test_the_download_holds_listings_and_favourites_under_public_ids(owner):
    listing = published(owner, photos=1)
    with transaction(owner) as session:
        listings.add_favourite(session, 77 << 22 | 1, VIENNA)
    with read(owner) as session:
        kinds = {row["kind"]: row for row in listings.export(session)}
    assert kinds["listing"]["id"] == ids.public(listing)
    assert len(kinds["listing"]["photos"]) == 1
    assert kinds["favourite"]["listing"] == ids.public(77 << 22 | 1)
