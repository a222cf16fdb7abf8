"""The index compared with SQL and brought in line: by the hour, by hand, after a rebuild, and when owners move."""

from contextlib import ExitStack

import pytest
from sqlalchemy import delete, insert, select, update

from jobs import housekeeping, indexer
from jobs.cli import search as command
from shared import listings
from shared.events import EventRow
from shared.events.relay import number_pending
from shared.search import Delete, SearchRequest, StaleCursor, Upsert, repair
from shared.search.documents import all_documents, changes_of, feed_positions
from shared.search.layout import Layout
from shared.search.repair import Queue, Tally
from shared.search.whoosh_index import WhooshIndex
from shared.sharding import current, on_shard, table_of
from shared.sharding.base import ShardBase, shard_key_of
from shared.sharding.models import ScopeState
from tests.factories.indexing import catch_up
from tests.factories.listings import change, details, published, seller
from tests.factories.search import document


@pytest.fixture
def index(fleet, tmp_path):
    return WhooshIndex(tmp_path / "index", check_seconds=0)


@pytest.fixture
def queue(tmp_path):
    return Queue(tmp_path / "index")


def cupboards(count=1, owner=None):
    return [published(owner or seller(), title="Walnut cupboard") for _ in range(count)]


def found(index, text="cupboard"):
    return {hit.listing for hit in index.search(SearchRequest(text)).hits}


def compared(index, queue=None):
    return repair.count(repair.compare(index), queue)


# Comparing and mending


@pytest.fixture
def differing(index):
    """An index that is wrong in every way; returns the listings that it should have."""
    same, extra, outdated, missing = cupboards(4, seller())  # with ids one after the other
    catch_up(index)
    change(outdated, listings.reserve)
    change(extra, listings.remove)
    index.apply([Delete(missing)])
    return {same, outdated, missing}


def test_every_kind_of_difference_is_found_and_the_indexer_mends_it(index, queue, differing):
    assert compared(index, queue) == Tally(compared=3, missing=1, outdated=1, surplus=1)
    assert found(index) != differing, "comparing alone changes nothing"
    while indexer.mend(index, queue):
        pass
    assert compared(index) == Tally(compared=3)
    assert found(index) == differing


@pytest.mark.parametrize("at_once", [1, 2, 100])
def test_the_ranges_that_are_compared_leave_no_gaps(index, differing, at_once):
    beyond = document(1, owner=2**31 - 1)
    index.apply([Upsert(beyond)])
    ranges = list(repair.compare(index, at_once))
    assert sum(each.compared for each in ranges) == 3
    assert len({listing for each in ranges for listing in each.listings}) == 4
    assert ranges[-1].surplus[-1] == beyond.listing


def test_a_listing_that_changed_after_the_comparison_is_indexed_as_it_is_now(index, queue, differing):
    compared(index, queue)
    for listing in differing:
        change(listing, listings.edit, details(title="Oak wardrobe"))
    catch_up(index)
    while indexer.mend(index, queue):
        pass
    assert found(index) == set() and found(index, "wardrobe") == differing


def test_a_comparison_writes_nothing_into_an_index_that_agrees(index, queue, tmp_path):
    cupboards(2)
    catch_up(index)
    before = sorted((tmp_path / "index").rglob("*"))
    assert compared(index, queue).differing == 0
    assert sorted((tmp_path / "index").rglob("*")) == before
    assert indexer.mend(index, queue) is False


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\xff",
        b"null",
        b"-5",
        b"{}",
        b'["1"]',
        b"[1.5]",
        b"[true]",
        b"[0]",
        b"[9223372036854775808]",
        b"[" * 10**5,
    ],
)
def test_what_cannot_be_read_from_the_queue_does_not_stop_it(queue, tmp_path, caplog, content):
    (tmp_path / "index").mkdir()
    queue.put([1])
    file = next((tmp_path / "index").iterdir())
    file.write_bytes(content)
    queue.put([2, 3])
    queue.put([4])
    assert [queue.take() for _ in range(4)] == [[2, 3], [4], [], []]
    assert f"{file.name} is dropped" in caplog.text


def test_a_queue_that_outlives_its_index_is_harmless(index, queue, differing, tmp_path):
    compared(index, queue)
    (tmp_path / "index" / "CURRENT").unlink()
    assert indexer.mend(index, queue)
    catch_up(index)
    assert found(index) == differing


def test_the_command_tells_differences_by_its_status_and_hands_them_over(index, queue, differing, capsys):
    assert command._verify(index, None) == 1
    assert command._verify(index, queue) == 0
    assert "3 listings: 1 missing, 1 outdated, 1 too many" in capsys.readouterr().out
    assert indexer.mend(index, queue)
    assert command._verify(index, None) == 0


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """Settings by which a scheduled job finds the index."""
    for name, value in (("VAR", str(tmp_path)), ("SECRET_KEY", "s" * 32), ("ID_KEY", "i" * 32)):
        monkeypatch.setenv(f"STEVESLIST_{name}", value)


def test_the_timetable_compares_and_rebuilds(index, differing, installed, tmp_path):
    assert housekeeping.compare_index() == "3 listings: 1 missing, 1 outdated, 1 too many"
    assert housekeeping.rebuild_index() == "3 listings indexed"
    assert found(index) == differing
    (tmp_path / "index" / "CURRENT").unlink()
    assert housekeeping.compare_index() == "not compared: there is no search index yet"
    assert housekeeping.rebuild_index() == "3 listings indexed"


def test_a_rebuild_beside_another_one_is_put_off(index, installed):
    said = []

    def meanwhile(documents):
        said.append(housekeeping.rebuild_index())
        yield from documents

    repair.rebuild(index, meanwhile)
    assert said == ["not built: another rebuild is running"]


def test_a_rebuild_by_command_comes_after_the_one_that_is_running(index, tmp_path, monkeypatch, capsys):
    cupboards(2)
    running = ExitStack()
    running.enter_context(Layout(tmp_path / "index").rebuild_lock())
    monkeypatch.setattr(command.time, "sleep", lambda _seconds: running.close())
    assert command.rebuild(index) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "Another rebuild is running; this one comes after it."
    assert said[1].startswith("2 listings indexed")


# What happens during a rebuild


def test_what_is_published_edited_and_removed_during_a_rebuild_is_in_the_new_index(index):
    edited, removed, kept = cupboards(3)
    catch_up(index)
    new = []

    def meanwhile(documents):
        yield next(documents)  # all three are read by now
        new.extend(cupboards())
        change(edited, listings.edit, details(title="Oak wardrobe"))
        change(removed, listings.remove)
        catch_up(index)
        assert found(index) == {kept, *new}, "the old index follows meanwhile"
        yield from documents

    repair.rebuild(index, meanwhile)
    catch_up(index)
    assert found(index) == {kept, *new}
    assert found(index, "wardrobe") == {edited}
    assert compared(index) == Tally(compared=3)


def test_a_batch_read_before_the_switch_does_not_reach_the_new_index(index):
    (listing,) = cupboards()
    catch_up(index)
    cursor, changes = index.cursor(), changes_of([listing])
    change(listing, listings.remove)
    repair.rebuild(index)
    with pytest.raises(StaleCursor):
        index.apply(changes, cursor)
    assert found(index) == set()


# Owners who move between shards


def test_the_index_follows_an_owner_to_another_shard(index):
    owner, other = owners_on_two_shards()
    kept, gone, renamed = cupboards(3, owner)
    catch_up(index)
    change(gone, listings.remove)
    for shard in current().names("user"):
        number_pending(shard)  # numbered where it was, and not in the index yet
    change(renamed, listings.edit, details(title="Oak wardrobe"))  # not even numbered
    move(owner, home(other))
    catch_up(index)
    assert found(index) == {kept} and found(index, "wardrobe") == {renamed}
    change(kept, listings.mark_sold)
    catch_up(index)
    assert found(index) == set()
    assert compared(index) == Tally(compared=1)


def test_no_listing_comes_twice_into_a_rebuild_while_its_owner_moves(index):
    low, high = sorted(owners_on_two_shards())
    mine, theirs = cupboards(1, low), cupboards(1, high)
    documents = all_documents(at_once=1)
    assert next(documents).listing == mine[0]
    move(high, home(low))
    assert [document.listing for document in documents] == theirs


@pytest.mark.parametrize("remembered", [True, False], ids=["with its events", "past the 30 days of its events"])
def test_a_listing_that_a_rebuild_missed_because_its_owner_moved_comes_back(index, queue, remembered):
    low, high = sorted(owners_on_two_shards())
    first, second = cupboards(2, low)
    theirs = cupboards(1, high)
    catch_up(index)
    if not remembered:
        forget_events()

    def moving(documents):
        yield next(documents)
        move(low, home(high))
        yield from documents

    index.rebuild(moving(all_documents(at_once=1)), feed_positions())
    assert found(index) == {first, *theirs}
    catch_up(index)
    assert compared(index, queue).missing == (0 if remembered else 1)
    indexer.mend(index, queue)
    assert found(index) == {first, second, *theirs}
    assert index.health().documents == 3


def owners_on_two_shards():
    owners = {}
    while len(owners) < 2:
        owner = seller()
        owners[home(owner)] = owner
    return owners.values()


def home(owner):
    return current().placement.lookup("user", owner).shard


def move(owner, destination):
    """What a move of the owner's scope comes to: rows are copied, events wait for a number of their new shard, and the
    old shard keeps its rows but speaks for none of them."""
    scope = current().placement.lookup("user", owner)
    with on_shard(scope.shard, write=True) as source, on_shard(destination, write=True) as target:
        for table in ShardBase.metadata.sorted_tables:
            key = shard_key_of(table)
            if key is None or key.info["shard_key"] != "user":
                continue
            within = key.between(scope.lo, scope.hi - 1)
            rows = [dict(row._mapping) for row in source.execute(select(table).where(within))]
            if table is table_of(EventRow):
                rows = [{**row, "feed_seq": None} for row in rows]
            if rows:
                target.execute(insert(table), rows)
        here = (ScopeState.ks == "user", ScopeState.lo == scope.lo)
        source.execute(update(ScopeState).where(*here).values(mode="gone", peer=destination, epoch=2))
        target.add(ScopeState(ks="user", lo=scope.lo, hi=scope.hi, mode="act", epoch=2))


def forget_events():
    for shard in current().names("user"):
        with on_shard(shard, write=True) as session:
            session.execute(delete(EventRow))
