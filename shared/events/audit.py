"""Whether every event of a shard has reached every consumer: asked by chaos runs, which read all of the outbox."""

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from sqlalchemy import select

from shared.events.inbox import DONE
from shared.events.models import EventRow, FeedPosition, InboxRow
from shared.sharding import on_shard


class Missing(NamedTuple):
    """A delivery that is not done. `state` tells whether it is still under way, and what it waits for, in words."""

    consumer: str
    event: int
    state: str


class Audit(NamedTuple):
    """`due`: how many deliveries there should be; `lost`: those that are not done.

    `slowest`: the most seconds from an event to its end at each consumer. `gaps`: numbers missing in the feed.
    """

    due: int
    lost: list[Missing]
    slowest: dict[str, int]
    gaps: int


def audit(shard: str, consumers: Mapping[str, Collection[str]]) -> Audit:
    """Compare a shard's events with its marks; `consumers` maps an event type to the names of those who want it."""
    with on_shard(shard) as session:
        events = session.execute(select(EventRow.id, EventRow.type, EventRow.at, EventRow.feed_seq)).all()
        marks = {(mark.consumer, mark.event_id): mark for mark in session.scalars(select(InboxRow))}
        swept = session.execute(select(FeedPosition.swept)).scalar_one_or_none() or 0
    wanted = {(name, row.id): row for row in events for name in consumers.get(row.type, ())}
    done = {each: mark.at for each, mark in marks.items() if mark.outcome == DONE}
    slowest: dict[str, int] = {}
    for each, row in wanted.items():
        slowest[each[0]] = max(slowest.get(each[0], 0), done.get(each, row.at) - row.at)
    numbers = {row.feed_seq for row in events if row.feed_seq is not None}
    lost = [Missing(*each, _state(row, marks.get(each), swept)) for each, row in wanted.items() if each not in done]
    return Audit(len(wanted), lost, slowest, max(numbers, default=0) - len(numbers))


def _state(event: Any, mark: InboxRow | None, swept: int) -> str:
    if mark is not None:
        return f"{mark.outcome} since or until {mark.at}, {mark.attempts} tries: {mark.reason}"
    if event.feed_seq is None:
        return "the relay has not numbered it"
    return "the sweep has passed it" if event.feed_seq <= swept else "in the queue, or to be found by the sweep"
