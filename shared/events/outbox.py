"""Writing and reading the outbox."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import bindparam, insert, select

from shared import clock
from shared.errors import MarketError, NotFound
from shared.events.models import EventRow, FeedPosition
from shared.events.types import EVENT_TYPES, Event
from shared.ids import MAX_SEQUENCE
from shared.observability import request_id
from shared.sharding import Family, OwnerSession, next_ids, on_shard, table_of
from shared.sharding.scatter import visible

_INSERT = insert(table_of(EventRow))
_FEED = (
    select(EventRow).where(EventRow.feed_seq > bindparam("after")).order_by(EventRow.feed_seq).limit(bindparam("limit"))
)


class UnreadableEvent(MarketError):
    """A row of the outbox that this code cannot read; one of a later release may be read after an update."""

    code = "unreadable_event"


@dataclass(frozen=True, slots=True)
class Recorded:
    """An event as it stands in the outbox."""

    id: int
    owner: int
    feed_seq: int | None
    at: int
    request_id: str | None
    event: Event


def record(session: OwnerSession, event: Event) -> int:
    """Write one event of the session's owner next to the change it tells of; returns the event's id."""
    return record_many(session, [event])[0]


def record_many(session: OwnerSession, events: Sequence[Event]) -> range:
    """Write several events in order; their ids are consecutive. Nothing is sent before the transaction commits."""
    ids = next_ids(session, Family.EVENT, len(events))
    now = clock.now()
    rows = [event_values(id, session.owner, event, now) for id, event in zip(ids, events, strict=True)]
    session.execute(_INSERT, rows)
    return ids


def event_values(id: int, owner: int, event: Event, at: int) -> dict[str, Any]:
    """The row of a pending event, as column names and values."""
    origin = request_id.get()
    return {
        "id": id,
        "owner": owner,
        "owner_seq": id & MAX_SEQUENCE,
        "type": type(event).__name__,
        "version": event.version,
        "body": {field.name: getattr(event, field.name) for field in fields(event)},
        "feed_seq": None,
        "request_id": None if origin == "-" else origin,
        "at": at,
    }


def load(session: OwnerSession, event_id: int) -> Recorded:
    """One event of the session's owner; NotFound when it is gone (older than 30 days), UnreadableEvent."""
    row = session.execute(
        select(EventRow).where(EventRow.owner == session.owner, EventRow.id == event_id)
    ).scalar_one_or_none()
    if row is None:
        raise NotFound(f"no event {event_id}")
    return _recorded(row)


def read_feed(shard: str, after: int, limit: int) -> list[Recorded]:
    """Events of a shard with `feed_seq` above `after`, in feed order: complete and gap-free up to the last one."""
    with on_shard(shard) as session:
        hidden = visible(session, "user", EventRow.__table__)  # type: ignore[arg-type]
        statement = _FEED if hidden is None else _FEED.where(hidden)
        rows = session.execute(statement, {"after": after, "limit": limit}).scalars().all()
    return [_recorded(row) for row in rows]


def feed_end(shard: str) -> int:
    """The last `feed_seq` given on a shard: a copy made from now on has all up to there."""
    with on_shard(shard) as session:
        return session.execute(select(FeedPosition.last)).scalar_one_or_none() or 0


def _recorded(row: EventRow) -> Recorded:
    return Recorded(row.id, row.owner, row.feed_seq, row.at, row.request_id, _parse(row))


def _parse(row: EventRow) -> Event:
    kind = EVENT_TYPES.get(row.type)
    if kind is None or row.version > kind.version:
        raise UnreadableEvent(f"{row.type} of version {row.version} is not known to this release", permanent=False)
    names = {field.name for field in fields(kind)}  # not `version`, which is the class's
    try:
        return kind(**{name: value for name, value in row.body.items() if name in names})
    except TypeError as error:
        raise UnreadableEvent(f"{row.type} of version {row.version}: {error}") from None
