"""The night's purge over all rooms: rows, guests and files, whatever it is interrupted by."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import select

from jobs import housekeeping, purging
from shared import accounts, clock, ids, listings, messaging
from shared.accounts.models import User
from shared.gateways.blobs import DirectoryBlobs
from shared.listings.models import Listing, Photo
from shared.listings.purging import DRAFT_DAYS
from shared.messaging import Message, Thread
from shared.sharding import FleetNotReady, on_shard, read, transaction
from shared.sharding.models import ScopeState
from tests.factories import listings as factory
from tests.factories import messages

ROOT = Path(__file__).parents[2]
DAY = 86_400
EXPIRED = DRAFT_DAYS * DAY + 1


@pytest.fixture
def store(tmp_path: Path) -> DirectoryBlobs:
    return DirectoryBlobs(tmp_path / "blobs")


def name(number: int) -> str:
    return f"{number:032x}-160.jpg"


def put(store: DirectoryBlobs, *numbers: int, days_ago: int = 2) -> None:
    for number in numbers:
        store.put(name(number), b"picture", "image/jpeg")
        at = clock.now() - days_ago * DAY
        os.utime(store.path(name(number)), (at, at))


def add_photo(listing_id: int, number: int) -> None:
    manifest = {"160": {"height": 120, "jpg": name(number)}}
    factory.change(listing_id, listings.add_photo, width=160, height=120, manifest=manifest)


def kept(store: DirectoryBlobs) -> set[str]:
    return {path.name for path in store.root.rglob("*") if path.is_file()}


def count(model) -> int:
    found = 0
    for shard in ("u1", "u2"):
        with on_shard(shard) as session:
            found += len(session.scalars(select(model)).all())
    return found


def abandoned(number: int) -> list[int]:
    """Complete drafts with a photo each, of sellers on both shards, that nobody has touched for their time."""
    with clock.freeze(clock.now() - EXPIRED):
        found = [factory.draft(factory.seller()) for _ in range(number)]
        for at, each in enumerate(found):
            add_photo(each, at)
    return found


def test_listings_drafts_and_guests_go_together_from_every_shard_and_are_counted(fleet):
    with clock.freeze(clock.now() - EXPIRED):
        sellers = [factory.seller() for _ in range(6)]
        for seller in sellers:
            factory.change(factory.published(seller), listings.remove)
            factory.published(seller)
        guests = [factory.guest_draft("key") for _ in range(3)]
    kept_guest = factory.guest_draft("key")
    assert purging.purge_listings() == {"removed": 6, "draft": 3, "guest": 3}
    assert purging.purge_listings() == {}
    assert count(Listing) == 7
    assert count(User) == 7
    for guest in guests:
        with read(ids.owner_of(guest)) as session:
            assert session.get(User, ids.compose(session.owner, 0)) is None
    assert factory.change(kept_guest, lambda _session, listing: listing.state) == "draft"


def test_what_was_written_to_a_guest_goes_with_him_and_the_senders_copy_stays(fleet):
    with clock.freeze(clock.now() - EXPIRED):
        draft, sender = factory.guest_draft("key"), factory.seller()
        factory.change(draft, listings.ask_manage_link, "guest@example.org")
        talk = messages.Pair(sender, ids.owner_of(draft), draft)
        messages.write(talk, sender, "Is it there?")
        messages.carry_all()
    assert count(Message) == 2
    assert purging.purge_listings() == {"draft": 1, "guest": 1}
    assert (count(Message), count(Thread)) == (1, 1)
    assert messages.texts(talk, sender) == ["Is it there?"]


def belongings(owner: int) -> tuple[int, int]:
    """How many messages and favourites somebody has."""
    with read(owner) as session:
        return len(list(messaging.export(session))), len(listings.favourites(session))


def test_messages_and_favourites_of_a_closed_account_go_with_its_name_and_the_other_side_keeps_its_copies(fleet):
    leaver, stayer = factory.seller(), factory.seller()
    talk = messages.Pair(leaver, stayer, factory.published(stayer))
    messages.write(talk, leaver, "Is it there?")
    messages.carry_all()
    messages.write(talk, stayer, "It is.")
    messages.carry_all()
    for owner in (leaver, stayer):
        with transaction(owner) as session:
            listings.add_favourite(session, 7, factory.INNSBRUCK)
    with transaction(leaver) as session:
        accounts.close_account(session)
    with clock.freeze(clock.now() + 6 * DAY):
        housekeeping.tidy_accounts()
        assert belongings(leaver) == (2, 1)
    with clock.freeze(clock.now() + 7 * DAY):
        housekeeping.tidy_accounts()
    assert belongings(leaver) == (0, 0)
    assert belongings(stayer) == (2, 1)
    assert messages.texts(talk, stayer) == ["Is it there?", "It is."]


def test_only_files_that_are_old_and_named_nowhere_go(fleet, store):
    put(store, 1, 2, 3, 4)
    put(store, 5, days_ago=0)
    one, other = factory.draft(factory.seller()), factory.draft(factory.seller())
    for listing, number in ((one, 1), (one, 2), (other, 2)):
        add_photo(listing, number)
    assert purging.sweep_files(store) == {"photo": 2, "unfinished": 0}
    assert kept(store) == {name(1), name(2), name(5)}
    assert purging.sweep_files(store) == {"photo": 0, "unfinished": 0}


def test_the_files_of_a_purged_listing_go_in_the_same_night_unless_another_has_them(fleet, store):
    first, second = abandoned(2)
    put(store, 0, 1)
    keeper = factory.published(factory.seller())
    add_photo(keeper, 1)
    assert purging.purge_listings() == {"draft": 2}
    assert purging.sweep_files(store)["photo"] == 1
    assert kept(store) == {name(1)}


def test_many_files_are_looked_up_a_few_at_a_time(fleet, store):
    put(store, *range(10))
    listing = factory.draft(factory.seller())
    for number in (3, 7):
        add_photo(listing, number)
    assert purging.sweep_files(store, at_once=3)["photo"] == 8
    assert kept(store) == {name(3), name(7)}


def test_a_file_that_an_upload_names_again_after_it_was_found_unnamed_stays(fleet, store):
    put(store, 1)
    before = clock.now() - purging.GRACE_SECONDS
    (doomed,) = listings.unnamed(store.list(before))
    listing = factory.draft(factory.seller())
    store.put(name(1), b"picture", "image/jpeg")
    assert not store.remove(doomed, before)
    add_photo(listing, 1)
    assert purging.sweep_files(store)["photo"] == 0
    assert store.get(name(1)) == b"picture"


def test_no_file_goes_while_a_range_of_users_is_handed_over(fleet, store):
    put(store, 1)
    scope = fleet.placement.ranges("user")[0]
    with on_shard(scope.shard, write=True) as session:
        row = session.get(ScopeState, ("user", scope.lo))
        row.mode, row.epoch = "hand", 2
    with pytest.raises(FleetNotReady):
        purging.sweep_files(store)
    assert kept(store) == {name(1)}


def test_an_upload_that_died_before_its_row_leaves_a_file_that_goes_later(fleet, store):
    put(store, 1, days_ago=0)
    assert purging.sweep_files(store)["photo"] == 0
    with clock.freeze(clock.now() + purging.GRACE_SECONDS + 60):
        assert purging.sweep_files(store)["photo"] == 1


def killed(fleet, store: DirectoryBlobs, when: str) -> None:
    """Run the purge in a process of its own that is killed at the third event of the kind."""
    urls = {each: database.url.render_as_string(hide_password=False) for each, database in fleet.shards.items()}
    script = f"""
import os, signal, sys
from pathlib import Path
from sqlalchemy import event
from jobs import purging
from shared import ids
from shared.gateways.blobs import DirectoryBlobs
from shared.sharding import Fleet, use

seen = 0
def third() -> None:
    global seen
    seen += 1
    if seen == 3:
        os.kill(os.getpid(), signal.SIGKILL)

def statement(_connection, _cursor, sql, *_more) -> None:
    if sql.startswith("DELETE FROM listing "):
        third()

def audit(name, arguments) -> None:
    if name == "os.remove":
        third()

ids.configure(b"the key of the tests, 16 bytes or more")
fleet = use(Fleet({fleet.directory.url.render_as_string(hide_password=False)!r}, {urls!r}))
if {when!r} == "row":
    for database in fleet.shards.values():
        event.listen(database.engine, "before_cursor_execute", statement)
else:
    sys.addaudithook(audit)
purging.purge_listings()
purging.sweep_files(DirectoryBlobs(Path({str(store.root)!r})))
"""
    run = subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=False)
    assert run.returncode == -signal.SIGKILL


def test_a_purge_killed_in_the_middle_of_a_listing_leaves_it_whole_and_is_finished_by_the_next(fleet, store):
    drafts = abandoned(5)
    put(store, *range(5))
    killed(fleet, store, "row")
    assert (count(Listing), count(Photo)) == (3, 3)
    assert len(kept(store)) == 5
    assert purging.purge_listings() == {"draft": 3}
    assert purging.sweep_files(store)["photo"] == len(drafts)
    assert (count(Listing), count(Photo), kept(store)) == (0, 0, set())


def test_a_sweep_killed_in_the_middle_is_finished_by_the_next_and_spares_what_is_named(fleet, store):
    put(store, *range(6))
    listing = factory.published(factory.seller())
    add_photo(listing, 4)
    killed(fleet, store, "file")
    assert len(kept(store)) == 4
    assert purging.sweep_files(store)["photo"] == 3
    assert kept(store) == {name(4)}
