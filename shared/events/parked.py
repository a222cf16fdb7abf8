"""Dead letters: events that a consumer can never handle, parked in its inbox until an operator decides."""

from typing import NamedTuple

from sqlalchemy import delete, func, select, update

from shared.events.models import EventRow, FeedPosition, InboxRow
from shared.ids import owner_of
from shared.sharding import on_shard
from shared.sharding.scatter import visible


class Parked(NamedTuple):
    """One event at one consumer: why it was given up, and when (UTC seconds)."""

    consumer: str
    event: int
    type: str
    reason: str | None
    at: int


def parked(shard: str, limit: int = 100) -> list[Parked]:
    """The newest dead letters of a shard."""
    statement = (
        select(InboxRow.consumer, InboxRow.event_id, EventRow.type, InboxRow.reason, InboxRow.at)
        .join(EventRow, EventRow.id == InboxRow.event_id)
        .where(InboxRow.outcome == "dead")
        .order_by(InboxRow.at.desc())
    )
    with on_shard(shard) as session:
        hidden = visible(session, "user", InboxRow.__table__)  # type: ignore[arg-type]
        wanted = statement if hidden is None else statement.where(hidden)
        return [Parked(*row) for row in session.execute(wanted.limit(limit))]


def count_parked(shard: str) -> int:
    """How many dead letters a shard has."""
    with on_shard(shard) as session:
        return session.execute(select(func.count()).where(InboxRow.outcome == "dead")).scalar_one()


def retry(shard: str, letter: Parked) -> bool:
    """Take a letter out of the parking place and put the sweep's mark before it, so that the relay finds it again.

    False when somebody else has done so.
    """
    with on_shard(shard, write=True) as session:
        gone = session.execute(
            delete(InboxRow).where(
                InboxRow.owner == owner_of(letter.event),
                InboxRow.consumer == letter.consumer,
                InboxRow.event_id == letter.event,
                InboxRow.outcome == "dead",
            )
        ).rowcount  # type: ignore[attr-defined]
        number = session.execute(select(EventRow.feed_seq).where(EventRow.id == letter.event)).scalar_one_or_none()
        if number is not None:
            session.execute(update(FeedPosition).where(FeedPosition.swept >= number).values(swept=number - 1))
    return bool(gone)


def oldest_pending(shard: str) -> int | None:
    """When the oldest event was recorded that the relay has not numbered yet (UTC seconds); None when there is none."""
    with on_shard(shard) as session:
        return session.execute(select(func.min(EventRow.at)).where(EventRow.feed_seq.is_(None))).scalar_one()
