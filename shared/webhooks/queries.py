"""Reading endpoints, deliveries and attempts, for the seller's pages."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from shared import ids
from shared.accounts.models import row_range
from shared.errors import NotFound
from shared.sharding import OwnerSession, on_shard
from shared.webhooks import signing
from shared.webhooks.models import AttemptRow, DeliveryRow, EndpointRow, MessageRow

PAGE = 50


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An endpoint as its seller sees it. Times are UTC seconds.

    `state` is active, degraded, probing or disabled; then `reason` is seller (switched off by hand), receiver (it asked
    for that in an answer), gone (410) or failing. `former_until` says until when former
    secrets still sign, the latest first. `waiting` and `missed` count deliveries. Nothing is sent before `opens_at`.
    """

    id: int
    url: str
    description: str
    types: tuple[str, ...]
    per_second: int
    at_once: int
    state: str
    reason: str | None
    created_at: int
    failures: int
    failing_since: int | None
    succeeded_at: int | None
    opens_at: int
    former_until: tuple[int, ...]
    waiting: int
    missed: int


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message for one endpoint. `state` is waiting, sending, delivered, failed, aborted or missed.

    `next_at` is when the next attempt is due, None when there is none to come; `status` the last answer's, None when
    there was none. `message_id` is what receivers see as webhook-id.
    """

    id: int
    endpoint: int
    message: int
    message_id: str
    type: str
    state: str
    attempts: int
    next_at: int | None
    status: int | None
    created_at: int
    ended_at: int | None


@dataclass(frozen=True, slots=True)
class PastAttempt:
    """What came of an attempt: its `status` or, without one, the `fault` (name, denied, connect, tls, timeout, broken),
    the `head` and the first 20 kB of the `body` of the answer. `probe`: it took no step of the ladder.
    """

    number: int
    at: int
    ms: int
    status: int | None
    fault: str | None
    detail: str
    head: str
    body: str
    probe: bool


def endpoints(session: OwnerSession) -> list[Endpoint]:
    """The endpoints of the session's owner, the oldest first."""
    mine = (EndpointRow.owner == session.owner, EndpointRow.id.between(*row_range(session.owner)))
    rows = session.scalars(select(EndpointRow).where(*mine).order_by(EndpointRow.id)).all()
    counts = _counts(session, [row.id for row in rows])
    return [_endpoint(row, counts) for row in rows]


def endpoint(session: OwnerSession, endpoint_id: int) -> Endpoint:
    """One endpoint of the session's owner; NotFound for a stranger's."""
    found = next((each for each in endpoints(session) if each.id == endpoint_id), None)
    if found is None:
        raise NotFound("There is no such endpoint.")
    return found


def deliveries(
    session: OwnerSession,
    endpoint_id: int,
    *,
    before: int | None = None,
    type: str | None = None,
    state: str | None = None,
    limit: int = PAGE,
) -> list[Delivery]:
    """Deliveries to an endpoint, the newest event first; `before` is the last one's `message`."""
    statement = select(DeliveryRow).where(DeliveryRow.owner == session.owner, DeliveryRow.endpoint == endpoint_id)
    if before is not None:
        statement = statement.where(DeliveryRow.message < before)
    if type is not None:
        statement = statement.where(DeliveryRow.type == type)
    if state is not None:
        statement = statement.where(DeliveryRow.state == state)
    rows = session.execute(statement.order_by(DeliveryRow.message.desc()).limit(limit))
    return [_delivery(row) for row in rows.scalars()]


def delivery(session: OwnerSession, delivery_id: int) -> Delivery:
    """One delivery of the session's owner; NotFound for a stranger's."""
    statement = select(DeliveryRow).where(DeliveryRow.owner == session.owner, DeliveryRow.id == delivery_id)
    row = session.execute(statement).scalar_one_or_none()
    if row is None:
        raise NotFound("There is no such delivery any more.")
    return _delivery(row)


def body(session: OwnerSession, message: int) -> str:
    """The body that is sent for a message: JSON text, byte for byte. NotFound past its 30 days."""
    statement = select(MessageRow.body).where(MessageRow.owner == session.owner, MessageRow.id == message)
    found: str | None = session.execute(statement).scalar_one_or_none()
    if found is None:
        raise NotFound("This message is no longer kept.")
    return found


def attempts(session: OwnerSession, delivery_id: int) -> list[PastAttempt]:
    """Every attempt at a delivery, the newest first."""
    its = (AttemptRow.owner == session.owner, AttemptRow.delivery == delivery_id)
    rows = session.execute(select(AttemptRow).where(*its).order_by(AttemptRow.number.desc()))
    return [
        PastAttempt(row.number, row.at, row.ms, row.status, row.fault, row.detail, row.head, row.body, row.probe)
        for row in rows.scalars()
    ]


def oldest_due(shard: str) -> int | None:
    """Since when the longest waiting endpoint of a shard is due (UTC seconds); None when none has anything to send."""
    with on_shard(shard) as session:
        return session.execute(select(func.min(EndpointRow.due_at))).scalar_one()


def export(session: OwnerSession) -> Iterator[dict[str, Any]]:
    """What this room holds of the session's owner, as JSON values, for "download my data". No secrets."""
    for each in endpoints(session):
        told = {"url": each.url, "description": each.description, "types": list(each.types), "state": each.state}
        yield {"kind": "webhook endpoint", "id": ids.public(each.id), "created_at": each.created_at, **told}
    mine = (DeliveryRow.owner == session.owner, DeliveryRow.id.between(*row_range(session.owner)))
    rows = select(DeliveryRow).where(*mine).order_by(DeliveryRow.id)
    for row in session.scalars(rows, execution_options={"yield_per": PAGE}):
        event = {"type": row.type, "endpoint": ids.public(row.endpoint), "state": row.state}
        yield {"kind": "webhook delivery", "id": ids.public(row.id), "created_at": row.created_at, **event}


def _counts(session: OwnerSession, endpoint_ids: Sequence[int]) -> dict[tuple[int, str], int]:
    """How many deliveries of each endpoint are in each state that the pages count: a range of an index for each."""
    statement = (
        select(DeliveryRow.endpoint, DeliveryRow.state, func.count())
        .where(DeliveryRow.owner == session.owner, DeliveryRow.endpoint.in_(endpoint_ids))
        .where(DeliveryRow.state.in_(("waiting", "sending", "failed", "missed")))
        .group_by(DeliveryRow.endpoint, DeliveryRow.state)
    )
    return {(endpoint, state): count for endpoint, state, count in session.execute(statement)}


def _endpoint(row: EndpointRow, counts: dict[tuple[int, str], int]) -> Endpoint:
    former = signing.in_force(row.secrets)[1:]
    return Endpoint(
        id=row.id,
        url=row.url,
        description=row.description,
        types=tuple(row.types),
        per_second=row.per_second,
        at_once=row.at_once,
        state=row.state,
        reason=row.reason,
        created_at=row.created_at,
        failures=row.failures,
        failing_since=row.failing_since,
        succeeded_at=row.succeeded_at,
        opens_at=row.opens_at,
        former_until=tuple(each["until"] for each in former),
        waiting=counts.get((row.id, "waiting"), 0) + counts.get((row.id, "sending"), 0),
        missed=counts.get((row.id, "failed"), 0) + counts.get((row.id, "missed"), 0),
    )


def _delivery(row: DeliveryRow) -> Delivery:
    # While it is under way, `due_at` is the end of its lease.
    return Delivery(
        id=row.id,
        endpoint=row.endpoint,
        message=row.message,
        message_id=signing.message_id(row.message),
        type=row.type,
        state=row.state,
        attempts=row.claims,
        next_at=row.due_at if row.state == "waiting" else None,
        status=row.status,
        created_at=row.created_at,
        ended_at=row.ended_at,
    )
