"""The consumers' marks: which events are done, which are parked, and when the others are tried again.

Tries to come lie here and not in the queue, so that losing the queue loses none of them.
"""

import random
from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from shared import clock
from shared.events.models import InboxRow
from shared.ids import owner_of
from shared.sharding import OwnerSession, bulk, on_shard, table_of
from shared.sharding.scatter import visible
from shared.steps import Step, reached

DONE, DEAD, WAIT = "done", "dead", "wait"
# Seconds after each try that failed, each up to a fifth more or less: a day altogether, then the event is parked.
BACKOFF = (5, 30, 120, 600, 1800, 3600, 7200, 14_400, 28_800, 28_800)
MAX_ATTEMPTS = len(BACKOFF) + 1
# A try that was handed to the queue and of which nothing was heard for so long was lost with its worker.
LEASE_SECONDS = 15
_REASON = 200

_table = table_of(InboxRow)
_THIS = (
    (_table.c.owner == bindparam("this_owner"))
    & (_table.c.consumer == bindparam("this_consumer"))
    & (_table.c.event_id == bindparam("this_event"))
)
_DUE = (
    select(_table.c.consumer, _table.c.event_id, _table.c.at, _table.c.attempts, _table.c.reason)
    .where(_table.c.outcome == WAIT, _table.c.at <= bindparam("now"))
    .order_by(_table.c.at)
    .limit(bindparam("limit"))
)
# As it was seen: of two relays one takes it.
_TAKE = (
    update(_table)
    .where(_THIS, _table.c.outcome == WAIT, _table.c.at == bindparam("seen"))
    .values(
        outcome=bindparam("to_outcome"),
        at=bindparam("to_at"),
        attempts=bindparam("to_attempts"),
        reason=bindparam("to_reason"),
    )
)
_NEW = insert(_table).prefix_with("OR IGNORE", dialect="sqlite")
for _dialect in ("mysql", "mariadb"):
    _NEW = _NEW.prefix_with("IGNORE", dialect=_dialect)
_AGAIN = update(_table).where(_THIS).values(outcome=WAIT, at=bindparam("to_at"), attempts=0)
_REVIVE = _AGAIN.where(_table.c.outcome == DEAD)


class Waiting(NamedTuple):
    """A try to come: which consumer, which event, due when (UTC seconds), after how many that went wrong and why."""

    consumer: str
    event: int
    at: int
    attempts: int
    reason: str | None


def handled(session: OwnerSession, consumer: str, event_id: int) -> bool:
    """Whether `consumer` is done with the event, well or not; one that is to be tried again is not."""
    mark = _mark(session, consumer, event_id)
    return mark is not None and mark.outcome != WAIT


def acknowledge(session: OwnerSession, consumer: str, event_id: int, dead: str | None = None) -> bool:
    """Mark an event as handled by `consumer` in the caller's transaction; False when it already was.

    `dead` is the reason why it can never be handled; an operator finds it by that. A consumer whose effect lies with
    another owner than the event's may mark it in that owner's transaction as well: there it tells a second delivery.
    """
    outcome = {"outcome": DEAD if dead else DONE, "reason": dead[:_REASON] if dead else None, "at": clock.now()}
    mark = _mark(session, consumer, event_id)
    if mark is None:
        session.add(InboxRow(owner=session.owner, consumer=consumer, event_id=event_id, attempts=0, **outcome))
        session.flush()  # the primary key decides between two workers here, before the effect
        return True
    return _change(session, mark, **outcome)


def postpone(session: OwnerSession, consumer: str, event_id: int, reason: str) -> bool:
    """Record a try that failed; the next one is due after a pause that grows. False when it was the last: parked."""
    mark, why = _mark(session, consumer, event_id), reason[:_REASON]
    if mark is None:
        first = {"outcome": WAIT, "at": _after_pause(1), "attempts": 1, "reason": why}
        session.add(InboxRow(owner=session.owner, consumer=consumer, event_id=event_id, **first))
    elif mark.attempts >= MAX_ATTEMPTS:
        return not _change(session, mark, outcome=DEAD, at=clock.now(), reason=why)
    else:
        _change(session, mark, at=_after_pause(mark.attempts), reason=why)
    return True


def due(shard: str, limit: int = 500) -> list[Waiting]:
    """Tries of a shard whose time has come, the longest overdue first."""
    wanted = {"now": clock.now(), "limit": limit}
    with on_shard(shard) as session:
        if session.execute(_DUE, wanted | {"limit": 1}).first() is None:  # as almost always
            return []
        hidden = visible(session, "user", _table)
        return [Waiting(*row) for row in session.execute(_DUE if hidden is None else _DUE.where(hidden), wanted)]


def claim(shard: str, ready: Sequence[Waiting]) -> list[Waiting]:
    """Take tries that are due, for LEASE_SECONDS; returns those that this call has got, to be enqueued.

    One that has been taken too often without a word from its consumer is parked: it kills whoever touches it.
    """
    with bulk(shard, "user", {owner_of(each.event) for each in ready}) as session:
        claimed = [each for each in ready if _take(session, each, each.attempts + 1) and each.attempts < MAX_ATTEMPTS]
        reached(Step.RELAY_CLAIMING)
    return claimed


def defer(shard: str, queued: Sequence[Waiting]) -> None:
    """Look at these tries again later: they still wait in the queue, or are running."""
    with bulk(shard, "user", {owner_of(each.event) for each in queued}) as session:
        for each in queued:
            _take(session, each, each.attempts)


def give_up(shard: str, waiting: Sequence[Waiting], reason: str) -> None:
    """Park tries that nobody can make."""
    with bulk(shard, "user", {owner_of(each.event) for each in waiting}) as session:
        for each in waiting:
            _take(session, each._replace(reason=reason), MAX_ATTEMPTS + 1)


def _take(session: Session, waiting: Waiting, attempts: int) -> bool:
    values = {"to_outcome": WAIT, "to_at": clock.now() + LEASE_SECONDS, "to_reason": waiting.reason}
    if attempts > MAX_ATTEMPTS:
        words = waiting.reason or "nothing was heard of it again: its worker died each time"
        values = {"to_outcome": DEAD, "to_at": clock.now(), "to_reason": words}
    seen = {**_key(waiting.consumer, waiting.event), "seen": waiting.at, "to_attempts": attempts}
    return bool(session.connection().execute(_TAKE, {**values, **seen}).rowcount)


def adopt(shard: str, lost: Collection[tuple[str, int]]) -> None:
    """Mark `(consumer, event id)` that no queue holds any more as taken for LEASE_SECONDS, to be enqueued then."""
    until = clock.now() + LEASE_SECONDS
    rows = [_row(consumer, event, at=until, attempts=1) for consumer, event in lost]
    with bulk(shard, "user", {row["owner"] for row in rows}) as session:
        session.connection().execute(_NEW, rows)
        reached(Step.RELAY_ADOPTING)


def deliver_again(shard: str, consumer: str, events: Collection[int]) -> None:
    """Hand events to a consumer once more, whatever its marks say of them; also those that it never had."""
    now = clock.now()
    with bulk(shard, "user", {owner_of(event) for event in events}) as session:
        session.connection().execute(_NEW, [_row(consumer, event, at=now, attempts=0) for event in events])
        session.connection().execute(_AGAIN, [{**_key(consumer, event), "to_at": now} for event in events])


def revive(shard: str, letters: Collection[tuple[str, int]]) -> int:
    """Take parked `(consumer, event id)` out of the parking place, to be tried at once; returns how many still were."""
    now = clock.now()
    with bulk(shard, "user", {owner_of(event) for _, event in letters}) as session:
        return sum(
            session.connection().execute(_REVIVE, {**_key(consumer, event), "to_at": now}).rowcount
            for consumer, event in letters
        )


def _after_pause(attempts: int) -> int:
    """When the try after so many is due."""
    return clock.now() + round(BACKOFF[max(attempts, 1) - 1] * random.uniform(0.8, 1.2))


def _change(session: OwnerSession, mark: InboxRow, **values: Any) -> bool:
    """Change a mark that waits; False when it does not (any more): another worker was quicker, and well."""
    waiting = (
        InboxRow.owner == session.owner,
        InboxRow.consumer == mark.consumer,
        InboxRow.event_id == mark.event_id,
        InboxRow.outcome == WAIT,
    )
    return bool(session.execute(update(InboxRow).where(*waiting).values(**values)).rowcount)


def _mark(session: OwnerSession, consumer: str, event_id: int) -> InboxRow | None:
    return session.get(InboxRow, (session.owner, consumer, event_id))


def _key(consumer: str, event: int) -> dict[str, Any]:
    return {"this_owner": owner_of(event), "this_consumer": consumer, "this_event": event}


def _row(consumer: str, event: int, at: int, attempts: int) -> dict[str, Any]:
    known = {"owner": owner_of(event), "consumer": consumer, "event_id": event, "reason": None}
    return {**known, "outcome": WAIT, "at": at, "attempts": attempts}
