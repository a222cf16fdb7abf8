"""The one writer of the search index: reads the feeds of all user shards and keeps the index equal to SQL.

The cursor lies with the index and is written after the commit, so a crash replays a little, which changes nothing.
Whatever goes wrong inside a writer ends the process: the supervisor starts a clean one.
"""

import fcntl
import logging
import socket
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import TypeVar

from sqlalchemy.exc import OperationalError

from jobs import boot
from shared import places, sharding
from shared.config import Settings
from shared.events import Recorded, read_feed
from shared.search import (
    NO_INDEX_YET,
    Change,
    Cursor,
    Delete,
    IndexBusy,
    IndexUnavailable,
    InvalidDocument,
    SearchIndex,
    StaleCursor,
    Upsert,
    open_index,
)
from shared.search.documents import TELLING, changes_of, feed_positions
from shared.search.repair import Queue, rebuild
from shared.sharding import leases

log = logging.getLogger(__name__)
BATCH = 500
IDLE_SECONDS = 1.0
CHECK_SECONDS = 60.0
LEASE_SECONDS, RENEW_SECONDS = 15, 5.0
T = TypeVar("T")


def main() -> None:
    """Index until SIGTERM."""
    settings = boot.boot()
    boot.stop_on_signals()
    places.load(settings.var / "cache")
    # An index lies on one machine's disk, so each machine has its own indexer. The lock tells those of one machine
    # apart; the lease is the machine's, so that a restarted indexer need not wait for the dead one's to run out.
    holder = socket.gethostname()[:40]
    lease = f"indexer@{holder}"
    with _alone(settings):
        try:
            run(open_index(settings), Queue(settings.var / "index"), lease, holder)
        finally:
            leases.release(lease, holder)


def run(index: SearchIndex, queue: Queue, lease: str, holder: str) -> None:
    """Step until asked to stop, whenever the lease is held."""
    next_check = next_renewal = 0.0
    leading = False
    while not boot.stop.is_set():
        busy = False
        try:
            if not leading or time.monotonic() >= next_renewal:
                next_renewal = time.monotonic() + RENEW_SECONDS
                leading = leases.acquire(lease, holder, LEASE_SECONDS) is not None
            if leading:
                if time.monotonic() >= next_check:
                    next_check = time.monotonic() + CHECK_SECONDS
                    check(index)
                busy = step(index) or mend(index, queue)
        except (OperationalError, IndexBusy) as error:
            log.warning("will try again: %s", type(error).__name__)
        if not busy:
            boot.wait(IDLE_SECONDS)


def step(index: SearchIndex) -> bool:
    """Bring at most BATCH events into the index; True when there may be more. A broken index is built anew."""
    try:
        recorded, cursor, more = _next_events(index.cursor())
        if recorded:
            _apply(index, changes_of(_touched(recorded)), cursor)
        return more
    except StaleCursor:
        return True
    except IndexUnavailable as error:
        log.warning("rebuilding: %s", error.message)
        rebuild(index, _until_stopped)
        return True


def mend(index: SearchIndex, queue: Queue) -> bool:
    """Look again at listings that a comparison found to differ from SQL; True when there may be more."""
    listings = queue.take()
    if not listings:
        return False
    try:
        cursor = index.cursor()
        _apply(index, changes_of(listings), cursor)
    except (StaleCursor, IndexUnavailable) as error:
        log.info("%d listings wait for the next comparison: %s", len(listings), error.message)
    return True


def check(index: SearchIndex) -> None:
    """Build the index anew when it cannot be read, is ahead of a feed (a database came back from a backup), or has
    grown so much that its dictionary is of a smaller site.
    """
    health = index.health()
    ahead = any(health.positions.get(shard, 0) > end for shard, end in feed_positions().items())
    if not health.ok or ahead:
        level = logging.INFO if health.reason == NO_INDEX_YET else logging.WARNING
        log.log(level, "rebuilding: %s", health.reason or "the index is ahead of the databases")
    elif health.outgrown:
        log.info("rebuilding: %d listings, %d when the dictionary was made", health.documents, health.built)
    else:
        return
    rebuild(index, _until_stopped)


def _next_events(cursor: Cursor) -> tuple[list[Recorded], Cursor, bool]:
    """The next events, a share of each shard, the cursor behind them, and whether there may be more."""
    shards = sharding.current().names("user")
    share = -(-BATCH // len(shards))
    found: list[Recorded] = []
    more = False
    for shard in shards:
        batch = read_feed(shard, cursor.positions.get(shard, 0), share)
        more = more or len(batch) == share
        if batch and (last := batch[-1].feed_seq) is not None:
            cursor = cursor.advanced(shard, last)
            found += batch
    return found, cursor, more


def _touched(recorded: Iterable[Recorded]) -> set[int]:
    return {each.event.listing for each in recorded if isinstance(each.event, TELLING)}


def _apply(index: SearchIndex, changes: list[Change], cursor: Cursor) -> None:
    """Apply; a document that does not fit is taken out of the index instead, so that it cannot stop the others."""
    while True:
        try:
            index.apply(changes, cursor)
            return
        except InvalidDocument as error:
            log.error("not indexed: %s", error.message)
            changes = [_without(change, error.listing) for change in changes]


def _without(change: Change, listing: int) -> Change:
    return Delete(listing) if isinstance(change, Upsert) and change.document.listing == listing else change


def _until_stopped(items: Iterable[T]) -> Iterator[T]:
    iterator = iter(items)
    while chunk := list(islice(iterator, 1000)):
        if boot.stop.is_set():
            raise SystemExit(0)
        yield from chunk


@contextmanager
def _alone(settings: Settings) -> Iterator[None]:
    """Hold the index directory for this process; wait for the one that does, unless asked to stop."""
    folder: Path = settings.var / "index"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / "indexer.lock").open("w") as handle:
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if not boot.wait(IDLE_SECONDS):
                    raise SystemExit(0) from None
        yield


if __name__ == "__main__":
    main()
