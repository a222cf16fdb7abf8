"""What the relay asks of a shard: number what was committed, and find what a consumer should have had and has not."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from shared import clock
from shared.events.models import EventRow, FeedPosition, InboxRow
from shared.events.outbox import event_values
from shared.events.types import Event
from shared.sharding import Family, on_shard, table_of, take_many
from shared.sharding.forgetting import AT_ONCE, forget
from shared.sharding.scatter import visible
from shared.steps import Step, reached

KEEP_SECONDS = 30 * 86_400
# How far beyond an event that stays unfinished a sweep looks for others.
_SWEEP_PAGES = 10
_table = table_of(EventRow)
_PENDING = (
    select(_table.c.id, _table.c.type)
    .where(_table.c.feed_seq.is_(None))
    .order_by(_table.c.id)
    .limit(bindparam("limit"))
)
_NUMBER = (
    update(_table)
    .where(_table.c.id == bindparam("event"), _table.c.feed_seq.is_(None))
    .values(feed_seq=bindparam("number"))
)
_inbox = table_of(InboxRow)
_NUMBERED = (
    select(_table.c.owner, _table.c.id, _table.c.type, _table.c.feed_seq, _table.c.at)
    .where(_table.c.feed_seq > bindparam("after"))
    .order_by(_table.c.feed_seq)
    .limit(bindparam("limit"))
)
_swept = _NUMBERED.subquery()
# With the consumers' names it is one probe of the primary key for each event and consumer.
_FINISHED = select(_inbox.c.consumer, _inbox.c.event_id).where(
    _inbox.c.owner == _swept.c.owner,
    _inbox.c.consumer.in_(bindparam("names", expanding=True)),
    _inbox.c.event_id == _swept.c.id,
)


@dataclass(frozen=True, slots=True)
class Due:
    """An event by id and type name: all that a queue needs to know."""

    id: int
    type: str


def number_pending(shard: str, limit: int = 500) -> list[Due]:
    """Give the shard's pending events their `feed_seq`, in one transaction; returns them in that order.

    An event is pending while its `feed_seq` is NULL, whenever it was committed: a late commit is never skipped.
    Within an owner the order of the feed is the order of the events.
    """
    with on_shard(shard) as session:
        if session.execute(_PENDING, {"limit": 1}).first() is None:
            return []
    with on_shard(shard, write=True) as session:
        position = _lock_position(session)
        hidden = visible(session, "user", EventRow.__table__)  # type: ignore[arg-type]
        pending = _PENDING if hidden is None else _PENDING.where(hidden)
        due = [Due(id, type) for id, type in session.execute(pending, {"limit": limit})]
        if due:
            numbers = [{"event": each.id, "number": position.last + at} for at, each in enumerate(due, 1)]
            session.connection().execute(_NUMBER, numbers)
            position.last += len(due)
            session.flush()  # so that nothing but the commit is left
            reached(Step.RELAY_NUMBERING)
    return due


def sweep(
    shard: str, consumers: Mapping[str, Collection[str]], older_than: int = 10, limit: int = 2000
) -> dict[str, list[Due]]:
    """Events of which some consumer has said nothing, by its name; `consumers` maps an event type to their names.

    Looks at numbered events older than `older_than` seconds, `limit` at a time, and moves the shard's mark past those
    of which all have said something, so that a quiet shard costs one index probe. The mark stops at a younger event
    too: the feed is not in the order of time. One that waits in a long queue holds the mark, not the look beyond it.
    """
    before = clock.now() - older_than
    unfinished: dict[str, list[Due]] = {}
    with on_shard(shard) as session:
        start = session.execute(select(FeedPosition.swept)).scalar_one_or_none() or 0
        mark, at, all_finished = start, start, True
        for _ in range(_SWEEP_PAGES):
            page = _unfinished(session, consumers, at, limit)
            for row, missing in page:
                all_finished = all_finished and row.at <= before and not missing
                if all_finished:
                    mark = row.feed_seq
                for name in missing if row.at <= before else ():
                    unfinished.setdefault(name, []).append(Due(row.id, row.type))
                at = row.feed_seq
            if len(page) < limit:
                break
    if mark > start:
        with on_shard(shard, write=True) as session:
            session.execute(update(FeedPosition).where(FeedPosition.swept == start).values(swept=mark))
    return unfinished


def _unfinished(
    session: Session, consumers: Mapping[str, Collection[str]], after: int, limit: int
) -> list[tuple[Any, list[str]]]:
    """The next numbered events, each with the names of the consumers that have not finished it."""
    window = {"after": after, "limit": limit}
    names = sorted({name for interested in consumers.values() for name in interested})
    rows = session.execute(_NUMBERED, window).all()
    finished = (
        {(name, event) for name, event in session.execute(_FINISHED, {**window, "names": names})} if rows else set()
    )
    return [(row, [name for name in consumers.get(row.type, ()) if (name, row.id) not in finished]) for row in rows]


def append_settled(session: Session, events: Sequence[tuple[int, Event, int]]) -> None:
    """Write `(owner, event, at)` already numbered, as if every consumer had finished it, in a `bulk` transaction.

    For imports that do the consumers' work themselves. The search index still meets the events in the feed.
    """
    position = _lock_position(session)
    settled = position.swept == position.last
    numbers = take_many(session, Family.EVENT, Counter(owner for owner, _, _ in events))
    ids = {owner: iter(range_) for owner, range_ in numbers.items()}
    rows = [
        {**event_values(next(ids[owner]), owner, event, at), "feed_seq": position.last + number}
        for number, (owner, event, at) in enumerate(events, 1)
    ]
    if rows:
        session.connection().execute(insert(_table), rows)
    position.last += len(rows)
    if settled:
        position.swept = position.last


def settle(shard: str) -> int:
    """Number every pending event and put the sweep's mark behind them: for a bulk load that did the consumers' work."""
    settled = 0
    while due := number_pending(shard, limit=20_000):
        settled += len(due)
    with on_shard(shard, write=True) as session:
        position = _lock_position(session)
        position.swept = position.last
    return settled


def forget_events(shard: str, limit: int = AT_ONCE) -> int:
    """Delete numbered events past their 30 days; returns how many. Run until 0, then `forget_marks`."""
    old = (_table.c.at < clock.now() - KEEP_SECONDS) & _table.c.feed_seq.is_not(None)
    return forget(shard, _table, old, limit)


def forget_marks(shard: str, limit: int = AT_ONCE) -> int:
    """Delete the consumers' marks past their 30 days; returns how many. Run until 0.

    A mark is younger than its event: once the old events are gone, no event comes back for want of an old mark.
    """
    return forget(shard, _inbox, _inbox.c.at < clock.now() - KEEP_SECONDS, limit)


def _lock_position(session: Session) -> FeedPosition:
    position = session.execute(select(FeedPosition).with_for_update()).scalar_one_or_none()
    if position is None:
        session.execute(insert(FeedPosition).values(one=1, last=0, swept=0))
        position = session.execute(select(FeedPosition).with_for_update()).scalar_one()
    return position
