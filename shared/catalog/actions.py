"""Keeping the catalogue: an entry comes or changes, a listing leaves. A verb may come late, twice, out of order."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.orm import Session

from shared import clock
from shared.catalog import keys
from shared.catalog.entries import Entry
from shared.catalog.models import LISTINGS as _ROW
from shared.catalog.models import TOMBSTONES as _TOMB
from shared.sharding import OwnerSession, bulk, by_shard, rerun
from shared.sharding.forgetting import AT_ONCE, forget

_THIS_ROW = (_ROW.c.city == bindparam("this_city")) & (_ROW.c.listing == bindparam("this_listing"))
_THIS_TOMB = (_TOMB.c.city == bindparam("this_city")) & (_TOMB.c.listing == bindparam("this_listing"))
# Locking reads: on MariaDB two workers with the same listing queue here; SQLite's transaction has the lock already.
_KNOWN = select(_ROW.c.revision).where(_THIS_ROW).with_for_update()
_BURIED = select(_TOMB.c.revision).where(_THIS_TOMB).with_for_update()
_REVISIONS = tuple(
    select(table.c.city, table.c.listing, table.c.revision).where(keys.one_of(table)).with_for_update()
    for table in (_ROW, _TOMB)
)
_INSERT, _INSERT_TOMB = insert(_ROW), insert(_TOMB)
_UPDATE, _UPDATE_TOMB = update(_ROW).where(_THIS_ROW), update(_TOMB).where(_THIS_TOMB)
_DELETE, _DELETE_TOMB = delete(_ROW).where(_THIS_ROW), delete(_TOMB).where(_THIS_TOMB)


def apply(session: OwnerSession, entry: Entry) -> bool:
    """Show `entry` in its city, the session's, unless what stands is as new; returns whether it changed."""
    this = {"this_city": entry.city, "this_listing": entry.listing}
    known = session.execute(_KNOWN, this).scalar()
    buried = session.execute(_BURIED, this).scalar()
    if max(known or 0, buried or 0) >= entry.revision:
        return False
    if buried is not None:
        session.execute(_DELETE_TOMB, this)
    if known is None:
        session.execute(_INSERT, entry.values())
    else:
        session.execute(_UPDATE, {**entry.values(), **this})
    return True


def remove(session: OwnerSession, city: int, listing: int, revision: int) -> bool:
    """Take `listing` out of `city` as of `revision`, unless a newer one stands there; returns whether a row went.

    A tombstone stays, so that older news of the listing cannot bring it back.
    """
    this = {"this_city": city, "this_listing": listing}
    known = session.execute(_KNOWN, this).scalar()
    if known is not None and known > revision:
        return False
    _bury(session, this, revision)
    if known is not None:
        session.execute(_DELETE, this)
    return known is not None


def _bury(session: OwnerSession, this: dict[str, int], revision: int) -> None:
    buried = session.execute(_BURIED, this).scalar()
    stone = {"revision": revision, "at": clock.now()}
    if buried is None:
        session.execute(_INSERT_TOMB, {"city": this["this_city"], "listing": this["this_listing"], **stone})
    elif buried < revision:
        session.execute(_UPDATE_TOMB, {**stone, **this})


def apply_all(entries: Iterable[Entry]) -> int:
    """Show many entries at once, one transaction a shard, unless what stands is as new; returns how many changed.

    For rebuilding and for demo data: it waits for each shard's lock and holds it while it writes.
    """
    waiting: defaultdict[int, list[Entry]] = defaultdict(list)
    for entry in entries:
        waiting[entry.city].append(entry)
    changed = 0

    def apply_waiting() -> None:
        nonlocal changed
        # Run again, it asks anew where the cities live that are still to be done.
        for shard, cities in by_shard("city", list(waiting)).items():
            changed += _apply_here(shard, {city: waiting[city] for city in cities})
            for city in cities:
                del waiting[city]

    rerun(apply_waiting)
    return changed


def _apply_here(shard: str, cities: Mapping[int, Sequence[Entry]]) -> int:
    with bulk(shard, "city", cities) as session:
        return _write(session, [entry for here in cities.values() for entry in here])


def _write(session: Session, entries: Sequence[Entry]) -> int:
    known = _revisions(session, [(entry.city, entry.listing) for entry in entries])
    newer = [entry for entry in entries if entry.revision > known.get((entry.city, entry.listing), 0)]
    stale = [
        {"this_city": each.city, "this_listing": each.listing} for each in newer if (each.city, each.listing) in known
    ]
    if stale:
        session.execute(_DELETE, stale)
        session.execute(_DELETE_TOMB, stale)
    if newer:
        session.execute(_INSERT, [entry.values() for entry in newer])
    return len(newer)


def _revisions(session: Session, pairs: Sequence[keys.Key]) -> dict[keys.Key, int]:
    """The newest revision known of each listing in its city, shown or buried."""
    known: dict[keys.Key, int] = {}
    for run in keys.in_turn(pairs):
        for statement in _REVISIONS:
            for city, listing, revision in session.execute(statement, keys.parameters(run)):
                known[city, listing] = max(revision, known.get((city, listing), 0))
    return known


def forget_tombstones(shard: str, before: int, limit: int = AT_ONCE) -> int:
    """Delete tombstones of a catalogue shard set before this time (UTC seconds); returns how many. Run until 0."""
    return forget(shard, _TOMB, _TOMB.c.at < before, limit)
