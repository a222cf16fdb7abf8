"""Bringing the catalogue in line with the listings: one listing after an event, or all of them in the night.

These verbs cross shards, so they open their own transactions: they read a listing where it lives, then write its city.
"""

from collections.abc import Iterator
from functools import partial
from typing import Any, NamedTuple

from sqlalchemy import Row, bindparam, select

from shared import listings
from shared.catalog.actions import apply, apply_all, remove
from shared.catalog.entries import entry_of
from shared.catalog.models import LISTINGS as _ROW
from shared.ids import owner_of
from shared.listings import ON_VIEW, Listing
from shared.sharding import concatenate, current, fan_out, on_shard, read, unit_of_work
from shared.sharding.scatter import visible

_BATCH = 1000
_LISTING = Listing.__table__
_WALK = (
    select(_ROW.c.city, _ROW.c.listing, _ROW.c.revision)
    .where(
        _ROW.c.city >= bindparam("city"),  # the range; the rest only drops what was read
        (_ROW.c.city > bindparam("city"))
        | ((_ROW.c.city == bindparam("city")) & (_ROW.c.listing > bindparam("listing"))),
    )
    .order_by(_ROW.c.city, _ROW.c.listing)
    .limit(_BATCH)
)
_STATES = select(_LISTING.c.id, _LISTING.c.state, _LISTING.c.city, _LISTING.c.revision).where(
    _LISTING.c.id.in_(bindparam("ids", expanding=True))
)


class Repaired(NamedTuple):
    """What a reconciliation found: entries that were missing or old, and rows that should not have been there."""

    missing: int
    surplus: int


def refresh(listing: int, revision: int, *cities: int | None) -> None:
    """Show a listing as it stands now, and nowhere else.

    `cities` are those it may stand in by the event of this `revision`; None is passed over. May run late, twice and at
    once in several workers.
    """
    with read(owner_of(listing)) as session:
        document = listings.search_document(session, listing)
        known = document.revision if document else listings.revision_of(session, listing)
    entry = entry_of(document) if document else None
    for city in {city for city in cities if city is not None and (entry is None or city != entry.city)}:
        gone = partial(remove, city=city, listing=listing, revision=max(revision, known or 0))
        unit_of_work(city, gone, keyspace="city")
    if entry is not None:
        unit_of_work(entry.city, partial(apply, entry=entry), keyspace="city")


def reconcile() -> Repaired:
    """Compare the whole catalogue with the listings and mend it. Cheap enough for every night: two walks by key."""
    return Repaired(sum(_fill(shard) for shard in current().names("user")), sum(map(_clear, current().names("city"))))


def _fill(shard: str) -> int:
    """Show what a user shard has on view and the catalogue lacks; also how an empty catalogue is rebuilt."""
    shown, after = 0, 0
    while documents := listings.published_after(shard, after, _BATCH):
        shown += apply_all(map(entry_of, documents))
        after = documents[-1].id
    return shown


def _clear(shard: str) -> int:
    return sum(_remove_surplus(rows) for rows in _walk(shard))


def _walk(shard: str) -> Iterator[list[Row[Any]]]:
    position = {"city": -1, "listing": 0}
    while True:
        with on_shard(shard) as session:
            hidden = visible(session, "city", _ROW)
            rows: list[Row[Any]] = list(session.execute(_WALK if hidden is None else _WALK.where(hidden), position))
        if not rows:
            return
        yield rows
        position = {"city": rows[-1].city, "listing": rows[-1].listing}


def _remove_surplus(rows: list[Row[Any]]) -> int:
    wanted = [row.listing for row in rows]
    states = fan_out(
        _STATES, {"ids": wanted}, keyspace="user", keys={owner_of(listing) for listing in wanted}, merge=concatenate
    )
    now = {state.id: state for state in states}
    removed = 0
    for row in rows:
        state = now.get(row.listing)
        if state is not None and state.state in ON_VIEW and state.city == row.city:
            continue
        revision = max(row.revision, state.revision if state is not None else 0)
        removed += unit_of_work(
            row.city, partial(remove, city=row.city, listing=row.listing, revision=revision), keyspace="city"
        )
    return removed
