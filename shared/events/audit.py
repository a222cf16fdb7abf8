"""Whether every event of a shard has reached every consumer: asked by chaos runs, which read all of the outbox."""

from collections.abc import Collection, Mapping
from typing import NamedTuple

from sqlalchemy import select

from shared.events.inbox import DONE
from shared.events.models import EventRow, InboxRow
from shared.sharding import on_shard


class Audit(NamedTuple):
    """`due`: how many deliveries there should be; `lost`: how many are not done, each as (consumer, event id).

    `slowest`: the most seconds from an event to its end at each consumer. `gaps`: numbers missing in the feed.
    """

    due: int
    lost: list[tuple[str, int]]
    slowest: dict[str, int]
    gaps: int


def audit(shard: str, consumers: Mapping[str, Collection[str]]) -> Audit:
    """Compare a shard's events with its marks; `consumers` maps an event type to the names of those who want it."""
    with on_shard(shard) as session:
        events = session.execute(select(EventRow.id, EventRow.type, EventRow.at, EventRow.feed_seq)).all()
        marks = select(InboxRow.consumer, InboxRow.event_id, InboxRow.at).where(InboxRow.outcome == DONE)
        done = {(consumer, event): at for consumer, event, at in session.execute(marks)}
    wanted = {(name, row.id): row.at for row in events for name in consumers.get(row.type, ())}
    slowest: dict[str, int] = {}
    for each, at in wanted.items():
        slowest[each[0]] = max(slowest.get(each[0], 0), done.get(each, at) - at)
    numbers = {row.feed_seq for row in events if row.feed_seq is not None}
    gaps = max(numbers, default=0) - len(numbers)
    return Audit(len(wanted), [each for each in wanted if each not in done], slowest, gaps)
