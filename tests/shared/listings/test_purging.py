"""Listings that go for good: which, when, and what goes with them."""

import pytest
from sqlalchemy import event, insert, select, update

from shared import clock, ids, listings
from shared.listings.models import Listing, ListingLink, Photo
from shared.listings.purging import DRAFT_DAYS, REMOVED_DAYS
from shared.sharding import (
    Fleet,
    FleetNotReady,
    allocate_owner,
    current,
    on_shard,
    read,
    transaction,
    unit_of_work,
    use,
)
from shared.sharding.coverage import coverage
from shared.sharding.models import ScopeState
from tests.factories import accounts as people
from tests.factories import listings as factory
from tests.factories.plans import plans

NOW = 1_790_000_000
DAY = 86_400


@pytest.fixture(autouse=True)
def _frozen():
    with clock.freeze(NOW):
        yield


def over(fleet) -> list[int]:
    return [each for shard in fleet.names("user") for each in listings.over(shard)]


def purge(listing_id: int) -> str | None:
    return unit_of_work(ids.owner_of(listing_id), lambda session: listings.purge(session, listing_id))


def rows(owner: int) -> dict[str, int]:
    with read(owner) as session:
        return {
            model.__tablename__: len(session.scalars(select(model).where(model.owner == owner)).all())
            for model in (Listing, Photo, ListingLink)
        }


def removed(owner: int, **more) -> int:
    listing = factory.published(owner, **more)
    factory.change(listing, listings.remove)
    return listing


def test_a_removed_listing_goes_after_its_time_with_its_photos_and_not_a_second_earlier(fleet):
    owner = factory.seller()
    kept, gone = factory.published(owner, photos=1), removed(owner, photos=2)
    with clock.freeze(NOW + REMOVED_DAYS * DAY):
        assert over(fleet) == []
        assert purge(gone) is None
    with clock.freeze(NOW + REMOVED_DAYS * DAY + 1):
        assert over(fleet) == [gone]
        assert [purge(gone), purge(gone)] == ["removed", None]
        assert over(fleet) == []
    assert rows(owner) == {"listing": 1, "listing_photo": 1, "listing_link": 0}
    assert factory.change(kept, lambda _session, listing: listing.photo_count) == 1


@pytest.mark.parametrize("end", [None, listings.reserve, listings.mark_sold])
def test_what_is_or_was_on_view_is_kept_for_ever(fleet, end):
    listing = factory.published(factory.seller())
    if end:
        factory.change(listing, end)
    with clock.freeze(NOW + 4000 * DAY):
        assert over(fleet) == []
        assert purge(listing) is None


def test_a_draft_goes_when_nobody_has_touched_it_for_its_time(fleet):
    abandoned, resumed = factory.draft(factory.seller()), factory.draft(factory.seller())
    with clock.freeze(NOW + (DRAFT_DAYS - 1) * DAY):
        factory.change(resumed, listings.edit, factory.details(title="Blue bicycle"))
    with clock.freeze(NOW + DRAFT_DAYS * DAY + 1):
        assert over(fleet) == [abandoned]
        assert purge(abandoned) == "draft"
        assert purge(resumed) is None


def test_a_draft_whose_link_was_asked_for_waits_for_it(fleet):
    draft = factory.guest_draft("key")
    with clock.freeze(NOW + (DRAFT_DAYS - 1) * DAY):
        factory.change(draft, listings.ask_manage_link, "guest@example.org")
    with clock.freeze(NOW + DRAFT_DAYS * DAY + 1):
        assert over(fleet) == []


def test_a_draft_that_is_edited_after_it_was_found_stays(fleet):
    draft = factory.draft(factory.seller())
    with clock.freeze(NOW + DRAFT_DAYS * DAY + 1):
        (found,) = over(fleet)
        factory.change(draft, listings.edit, factory.details(title="Blue bicycle"))
        assert purge(found) is None
    assert factory.change(draft, lambda _session, listing: listing.title) == "Blue bicycle"


def test_a_guest_goes_with_his_last_listing_and_an_account_never(fleet):
    draft, seller = factory.guest_draft("key"), factory.seller()
    guest = ids.owner_of(draft)
    account_draft = factory.draft(seller)
    assert not unit_of_work(guest, listings.forget_guest)
    with clock.freeze(NOW + DRAFT_DAYS * DAY + 1):
        for each in (draft, account_draft):
            assert purge(each) == "draft"
    assert rows(guest) == {"listing": 0, "listing_photo": 0, "listing_link": 0}
    assert [unit_of_work(guest, listings.forget_guest) for _ in range(2)] == [True, False]
    assert not unit_of_work(seller, listings.forget_guest)
    assert people.user(seller).state == "active"


def test_no_more_are_found_at_once_than_asked_for(fleet):
    owner = factory.seller()
    drafts = [factory.draft(owner) for _ in range(3)]
    gone = removed(owner)
    shard = fleet.placement.lookup("user", owner).shard
    with clock.freeze(NOW + DRAFT_DAYS * DAY + 1):
        assert listings.over(shard, limit=2) == [gone, drafts[0]]


def test_listings_that_a_shard_only_mirrors_are_not_its_to_purge(fleet):
    owner = factory.seller()
    factory.draft(owner)
    move(fleet, owner, "mir")
    with clock.freeze(NOW + DRAFT_DAYS * DAY + 1):
        assert over(fleet) == []


# --- Files


def name(number: int) -> str:
    return f"{number:032x}-160.jpg"


def pictured(owner: int, *numbers: int) -> int:
    """A listing on view with a photo for each number."""
    listing = factory.draft(owner)
    for number in numbers:
        manifest = {"160": {"height": 120, "jpg": name(number)}}
        factory.change(listing, listings.add_photo, width=160, height=120, manifest=manifest)
    factory.change(listing, listings.publish)
    return listing


def seller_on(shard: str) -> int:
    while True:
        owner = factory.seller()
        if current().placement.lookup("user", owner).shard == shard:
            return owner


def move(fleet, owner: int, mode: str, to: str | None = None) -> None:
    """Take the owner's range from his shard, and give it to another one if `to` says so."""
    scope = fleet.placement.lookup("user", owner)
    changed = update(ScopeState).where(ScopeState.ks == "user", ScopeState.lo == scope.lo)
    with on_shard(scope.shard, write=True) as session:
        session.execute(changed.values(mode=mode, epoch=2))
    if to is not None:
        row = {"ks": "user", "lo": scope.lo, "hi": scope.hi, "mode": "jrn", "epoch": 3}
        with on_shard(to, write=True) as session:
            session.execute(insert(ScopeState), row)


def test_a_file_is_named_as_long_as_one_listing_on_any_shard_has_it(fleet):
    first, second = seller_on("u1"), seller_on("u2")
    shared_by_two = [pictured(first, 1), pictured(second, 1, 2)]
    assert listings.unnamed([name(1), name(2), name(3)]) == {name(3)}
    factory.change(shared_by_two[1], listings.remove)
    assert listings.unnamed([name(1), name(2)]) == set(), "a removed listing names its files until it is purged"
    with clock.freeze(NOW + REMOVED_DAYS * DAY + 1):
        assert purge(shared_by_two[1]) == "removed"
    assert listings.unnamed([name(1), name(2)]) == {name(2)}


def test_every_variant_of_a_photo_is_named(fleet):
    factory.published(factory.seller(), photos=1)
    every = {files[kind] for files in factory.MANIFEST.values() for kind in ("avif", "jpg")}
    assert len(every) == 8
    assert listings.unnamed(every) == set()


@pytest.mark.parametrize("mode", ["hand", "inc", "mir"])
def test_nothing_is_called_unnamed_while_a_range_has_no_shard(fleet, mode):
    owner = factory.seller()
    pictured(owner, 1)
    move(fleet, owner, mode)
    with pytest.raises(FleetNotReady, match="not every user has one shard"):
        listings.unnamed([name(9)])


def test_nothing_is_called_unnamed_when_a_range_moves_while_the_photos_are_read(fleet):
    first = seller_on("u1")
    pictured(first, 1)

    def flip(_connection, _cursor, statement, *_more) -> None:
        if "listing_photo" in statement and not flipped:
            flipped.append(statement)
            move(fleet, first, "mir", to="u2")

    flipped: list[str] = []
    event.listen(fleet.shard("u1").engine, "after_cursor_execute", flip)
    try:
        with pytest.raises(FleetNotReady, match="moved while the photos were read"):
            listings.unnamed([name(9)])
    finally:
        event.remove(fleet.shard("u1").engine, "after_cursor_execute", flip)
    assert listings.unnamed([name(1), name(9)]) == {name(9)}, "it has settled: what u1 still holds names files too"


def test_a_shard_that_the_settings_lost_stops_the_search_for_unnamed_files(fleet):
    pictured(seller_on("u2"), 1)
    without = Fleet(
        fleet.directory.url.render_as_string(hide_password=False),
        {
            name: database.url.render_as_string(hide_password=False)
            for name, database in fleet.shards.items()
            if name != "u2"
        },
    )
    use(without)
    try:
        with pytest.raises(FleetNotReady, match="not every user has one shard"):
            listings.unnamed([name(1)])
    finally:
        without.dispose()
        use(fleet)


def test_carving_a_range_is_no_move(fleet):
    before = coverage("user")
    assert [each.shard for each in before] == ["u1", "u2"]
    allocate_owner("own:u1")
    assert coverage("user") == before


@pytest.mark.sqlite_plans
def test_purging_reads_no_table_from_its_beginning_and_sorts_none(fleet):
    owner = seller_on("u1")
    draft = factory.draft(owner)
    pictured(owner, 1)

    def work() -> None:
        listings.over("u1")
        listings.unnamed([name(1)])
        with transaction(owner) as session:
            listings.purge(session, draft)
            listings.forget_guest(session)

    with clock.freeze(NOW + DRAFT_DAYS * DAY + 1):
        found = plans(fleet.shard("u1"), work)
    assert len(found) >= 7
    assert not [plan for plan in found if "TEMP B-TREE" in plan]
    # All of the ranges are read, and of nothing else.
    assert not [plan for plan in found if "SCAN" in plan and "scope_state" not in plan]
