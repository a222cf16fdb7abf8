"""What an operator sees and does: events that a consumer gave up on, and another delivery of those it has had."""

from collections.abc import Collection
from typing import Any, NamedTuple

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import Session

from shared import clock
from shared.events import inbox
from shared.events.models import EventRow, InboxRow
from shared.sharding import on_shard
from shared.sharding.scatter import visible

AT_ONCE = 500


class Letter(NamedTuple):
    """One event at one consumer: why it failed last, how often, and when it was given up or is due (UTC seconds)."""

    consumer: str
    event: int
    type: str
    reason: str | None
    attempts: int
    at: int


def parked(
    shard: str,
    outcome: str = inbox.DEAD,
    *,
    consumer: str = "",
    event: int = 0,
    since: int = 0,
    limit: int = 100,
    upto: int | None = None,
) -> list[Letter]:
    """The newest dead letters of a shard (or with `inbox.WAIT` those to be tried again), of events since a time.

    `upto`: only those that were parked by then (UTC seconds).
    """
    letter = (InboxRow.consumer, InboxRow.event_id, EventRow.type, InboxRow.reason, InboxRow.attempts, InboxRow.at)
    wanted = select(*letter).where(EventRow.at >= since).order_by(InboxRow.at.desc()).limit(limit)
    if consumer:
        wanted = wanted.where(InboxRow.consumer == consumer)
    if event:
        wanted = wanted.where(InboxRow.event_id == event)
    if upto is not None:
        wanted = wanted.where(InboxRow.at <= upto)
    with on_shard(shard) as session:
        return [Letter(*row) for row in session.execute(_letters(session, wanted, outcome))]


def count_parked(shard: str) -> int:
    """How many dead letters a shard has: as many as `parked` lists."""
    with on_shard(shard) as session:
        count: int = session.execute(_letters(session, select(func.count()), inbox.DEAD)).scalar_one()
        return count


def _letters(session: Session, statement: Any, outcome: str) -> Any:
    """The statement, over marks whose events are still there: they are forgotten a little earlier."""
    of_events = InboxRow.__table__.join(EventRow.__table__, EventRow.id == InboxRow.event_id)
    these = statement.select_from(of_events).where(InboxRow.outcome == outcome)
    hidden = visible(session, "user", InboxRow.__table__)  # type: ignore[arg-type]
    return these if hidden is None else these.where(hidden)


def retry(shard: str, *, consumer: str = "", event: int = 0, since: int = 0) -> int:
    """Take dead letters out of the parking place, so that the relay hands them over again; returns how many.

    What is parked again meanwhile stays: a consumer that cannot handle them must not keep this going.
    """
    revived, now = 0, clock.now()
    while letters := parked(shard, consumer=consumer, event=event, since=since, limit=AT_ONCE, upto=now):
        revived += inbox.revive(shard, [(letter.consumer, letter.event) for letter in letters])
    return revived


def replay(shard: str, consumer: str, types: Collection[str], since: int) -> int:
    """Deliver every event of these types recorded since then to a consumer again, or for the first time.

    Its marks are turned back to tries that are due now, so a replay survives whatever dies; returns how many.
    """
    count, after = 0, (since, 0)
    while found := _events(shard, types, after):
        inbox.deliver_again(shard, consumer, [event for _, event in found])
        count, after = count + len(found), found[-1]
    return count


def count_since(shard: str, types: Collection[str], since: int) -> int:
    """How many events of these types a replay would deliver."""
    with on_shard(shard) as session:
        statement = _of(session, select(func.count(EventRow.id)), types).where(EventRow.at >= since)
        count: int = session.execute(statement).scalar_one()
        return count


def oldest_pending(shard: str) -> int | None:
    """When the oldest event was recorded that the relay has not numbered yet (UTC seconds); None when there is none."""
    with on_shard(shard) as session:
        return session.execute(select(func.min(EventRow.at)).where(EventRow.feed_seq.is_(None))).scalar_one()


def _events(shard: str, types: Collection[str], after: tuple[int, int]) -> list[tuple[int, int]]:
    """The next numbered events behind `after`, as (at, id) in that order."""
    at, id = after
    behind = or_(EventRow.at > at, and_(EventRow.at == at, EventRow.id > id))
    with on_shard(shard) as session:
        statement = _of(session, select(EventRow.at, EventRow.id), types).where(EventRow.at >= at, behind)
        found = session.execute(statement.order_by(EventRow.at, EventRow.id).limit(AT_ONCE))
        return [(row.at, row.id) for row in found]


def _of(session: Session, statement: Any, types: Collection[str]) -> Select[Any]:
    # One that is not numbered yet is on its way to its consumers anyway.
    wanted: Select[Any] = statement.where(EventRow.type.in_(types), EventRow.feed_seq.is_not(None))
    hidden = visible(session, "user", EventRow.__table__)  # type: ignore[arg-type]
    return wanted if hidden is None else wanted.where(hidden)
