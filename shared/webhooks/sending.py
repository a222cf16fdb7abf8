"""What the sender asks of a shard: whose turn it is, and one endpoint's turn: write down what came back, take what is
due next, in one transaction.

A delivery that is taken is leased: should its sender die, it is due again when the lease ends. A sender that comes back
too late finds another claim on the delivery, and its answer is kept as an attempt without effect.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import bindparam, select, update

from shared import clock, ids
from shared.events import WebhookHealthChanged, record
from shared.sharding import OwnerSession, on_shard, table_of
from shared.sharding.scatter import visible
from shared.webhooks import health, ladder, signing
from shared.webhooks.endpoints import switch_off
from shared.webhooks.models import AttemptRow, DeliveryRow, EndpointRow, MessageRow
from shared.webhooks.schedule import most_at_once, reschedule, window_left

# Longer than an attempt may take, and short enough that a killed sender's work starts again within 30 s.
LEASE_SECONDS = 25
# These ask for patience: the whole endpoint waits, but no longer than this.
_PATIENCE = frozenset({429, 502, 504})
_LONGEST_PATIENCE_SECONDS = 60
_GONE = 410
DISABLE, ABORT = "disable", "abort-message"

_endpoints = table_of(EndpointRow)
_DUE = (
    select(_endpoints.c.id)
    .where(_endpoints.c.slow == bindparam("slow"), _endpoints.c.due_at <= bindparam("now"))
    .order_by(_endpoints.c.due_at)
    .limit(bindparam("limit"))
)
# Made once: building a statement, and proving that it names its owner, costs more than running it.
_ENDPOINT = select(EndpointRow).where(EndpointRow.owner == bindparam("mine"), EndpointRow.id == bindparam("endpoint"))
_LOCKED_IF_FREE = _ENDPOINT.with_for_update(skip_locked=True)
_BY_ID = select(DeliveryRow).where(
    DeliveryRow.owner == bindparam("mine"), DeliveryRow.id.in_(bindparam("ids", expanding=True))
)
_FIRST = (
    select(DeliveryRow)
    .where(DeliveryRow.owner == bindparam("mine"), DeliveryRow.endpoint == bindparam("endpoint"))
    .where(DeliveryRow.state == bindparam("in_state"), DeliveryRow.due_at <= bindparam("due_by"))
    .order_by(DeliveryRow.due_at)
    .limit(bindparam("limit"))
)
_BODIES = select(MessageRow.id, MessageRow.body).where(
    MessageRow.owner == bindparam("mine"), MessageRow.id.in_(bindparam("ids", expanding=True))
)
_ALWAYS = 1 << 62


@dataclass(frozen=True, slots=True)
class Attempt:
    """A delivery that was taken: everything the sender needs, signed. `number` is the fence of its claim."""

    endpoint: int
    delivery: int
    number: int
    url: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    at: int
    probe: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of an attempt: a `status`, or the `fault` that kept one from coming, in words in `detail`.

    `fault`: name, denied, connect, tls, timeout or broken. `head` and `body` are what the receiver wrote, as text and
    cut. `control` is its header webhook-delivery.
    """

    ms: int
    status: int | None = None
    fault: str | None = None
    detail: str = ""
    head: str = ""
    body: str = ""
    retry_after: str | None = None
    control: str | None = None

    @property
    def accepted(self) -> bool:
        """Whether the receiver took the message: a 2xx, and nothing else."""
        return self.fault is None and self.status is not None and 200 <= self.status < 300

    def bare(self) -> "Answer":
        """The same without anything that the receiver wrote."""
        return Answer(self.ms, self.status, self.fault)


def due(shard: str, *, slow: bool, limit: int, passing_over: Collection[int] = ()) -> list[int]:
    """Endpoints of a shard that have something to send now, the longest waiting first, of one lane.

    None of those owners' who are to be passed over.
    """
    with on_shard(shard) as session:
        hidden = visible(session, "user", _endpoints)
        statement = _DUE if hidden is None else _DUE.where(hidden)
        if passing_over:
            statement = statement.where(_endpoints.c.owner.not_in(passing_over))
        return list(session.scalars(statement, {"slow": slow, "now": clock.now(), "limit": limit}))


def turn(
    session: OwnerSession, endpoint_id: int, answers: Sequence[tuple[Attempt, Answer]], room: int
) -> list[Attempt] | None:
    """Record `answers` of one endpoint and take up to `room` of its deliveries that are due.

    None when somebody else is busy with the endpoint (SKIP LOCKED): then nothing was done, and is to be tried again.
    Answers of an endpoint that was removed are dropped.
    """
    this = {"mine": session.owner, "endpoint": endpoint_id}
    row: EndpointRow | None = session.execute(_LOCKED_IF_FREE, this).scalar_one_or_none()
    if row is None:
        return [] if session.execute(_ENDPOINT, this).scalar_one_or_none() is None else None
    known = _by_id(session, [attempt.delivery for attempt, _ in answers])
    for attempt, answer in answers:
        if (delivery := known.get(attempt.delivery)) is not None:
            _record(session, row, delivery, attempt, answer)
    taken = _take(session, row, room)
    reschedule(session, row)
    return taken


def _by_id(session: OwnerSession, delivery_ids: Collection[int]) -> dict[int, DeliveryRow]:
    if not delivery_ids:
        return {}
    return {row.id: row for row in session.scalars(_BY_ID, {"mine": session.owner, "ids": delivery_ids})}


def _record(session: OwnerSession, row: EndpointRow, delivery: DeliveryRow, attempt: Attempt, answer: Answer) -> None:
    mine = delivery.state == "sending" and delivery.claims == attempt.number
    if not mine and session.get(AttemptRow, (session.owner, attempt.delivery, attempt.number)) is not None:
        return  # the sender never heard that its commit had come through
    session.add(_attempt_row(attempt, answer))
    if mine:
        delivery.status = answer.status
    if answer.accepted:
        if mine:
            _end(delivery, "delivered")
        _accepted(session, row, answer)
    elif answer.control == ABORT:
        if mine:
            _end(delivery, "aborted")
    else:
        _failed(session, row, delivery if mine else None, attempt, answer)
    if row.state != "disabled" and (answer.control == DISABLE or answer.status == _GONE):
        _switch_off(session, row, "gone" if answer.status == _GONE else "receiver")


def _attempt_row(attempt: Attempt, answer: Answer) -> AttemptRow:
    return AttemptRow(
        owner=ids.owner_of(attempt.delivery),
        delivery=attempt.delivery,
        number=attempt.number,
        at=attempt.at,
        ms=answer.ms,
        status=answer.status,
        fault=answer.fault,
        detail=answer.detail[:200],
        head=answer.head,
        body=answer.body,
        probe=attempt.probe,
    )


def _accepted(session: OwnerSession, row: EndpointRow, answer: Answer) -> None:
    if row.state == "disabled":
        return
    catching_up = row.state in health.PAUSE_SECONDS
    news = health.succeeded(row, answer.ms)
    if catching_up:  # what was told to wait is due now, as fast as the endpoint's limits let it go
        session.execute(
            update(DeliveryRow)
            .where(DeliveryRow.owner == session.owner, DeliveryRow.endpoint == row.id, DeliveryRow.state == "waiting")
            .where(DeliveryRow.due_at > clock.now())
            .values(due_at=clock.now())
            .execution_options(synchronize_session=False)
        )
    if news:
        _tell(session, row, news)


def _failed(
    session: OwnerSession, row: EndpointRow, delivery: DeliveryRow | None, attempt: Attempt, answer: Answer
) -> None:
    news = None if row.state == "disabled" else health.failed(row)
    if delivery is not None:
        _postpone(row, delivery, attempt, answer)
    if news == "disabled":
        _switch_off(session, row, "failing")
    elif news:
        _tell(session, row, news)


def _postpone(row: EndpointRow, delivery: DeliveryRow, attempt: Attempt, answer: Answer) -> None:
    """Put the delivery back on its ladder, or at its end. A probe's failure takes no step."""
    now = clock.now()
    if row.state == "disabled":
        _end(delivery, "missed")
        return
    if attempt.probe:
        delivery.state, delivery.due_at = "waiting", max(now, row.opens_at)
        return
    delivery.steps += 1
    wait = ladder.wait(delivery.steps, answer.retry_after)
    if wait is None:
        _end(delivery, "failed")
        return
    delivery.state, delivery.due_at = "waiting", now + wait
    if answer.status in _PATIENCE:
        row.opens_at = max(row.opens_at, now + min(wait, _LONGEST_PATIENCE_SECONDS))


def _end(delivery: DeliveryRow, state: str) -> None:
    delivery.state, delivery.due_at, delivery.ended_at = state, None, clock.now()


def _switch_off(session: OwnerSession, row: EndpointRow, reason: str) -> None:
    switch_off(session, row, reason)
    _tell(session, row, "disabled")


def _tell(session: OwnerSession, row: EndpointRow, news: str) -> None:
    record(session, WebhookHealthChanged(endpoint=row.id, health=news))


def _take(session: OwnerSession, row: EndpointRow, room: int) -> list[Attempt]:
    now = clock.now()
    if row.state == "disabled" or row.opens_at > now:
        return []
    sending = _of(session, row, "sending", row.at_once)
    lost = [each for each in sending if (each.due_at or 0) <= now]
    free = min(room, window_left(row, now), most_at_once(row) - len(sending) + len(lost))
    if free <= 0:
        return []
    chosen = [*lost, *_of(session, row, "waiting", free, now)][:free]
    if not chosen:
        return []
    probe = row.state == "probing"
    if row.state in health.PAUSE_SECONDS:
        row.opens_at = now + ladder.spread(health.PAUSE_SECONDS[row.state])
    row.window_at, row.window_count = now, len(chosen) + (row.window_count if row.window_at == now else 0)
    for each in chosen:
        each.state, each.claims, each.due_at = "sending", each.claims + 1, now + LEASE_SECONDS
    return _prepared(session, row, chosen, probe)


def _of(
    session: OwnerSession, row: EndpointRow, state: str, limit: int, due_by: int = _ALWAYS
) -> Sequence[DeliveryRow]:
    """The first deliveries of a state in the order in which they are due."""
    wanted = {"mine": session.owner, "endpoint": row.id, "in_state": state, "due_by": due_by, "limit": limit}
    return session.scalars(_FIRST, wanted).all()  # type: ignore[no-any-return]


def _prepared(session: OwnerSession, row: EndpointRow, chosen: Sequence[DeliveryRow], probe: bool) -> list[Attempt]:
    """The attempts for deliveries that were just claimed. One whose message is past its 30 days has missed it."""
    wanted = {"mine": session.owner, "ids": [each.message for each in chosen]}
    bodies = {id: body.encode() for id, body in session.execute(_BODIES, wanted)}
    keys = [signing.secret(row.id, each["salt"]) for each in signing.in_force(row.secrets)]
    attempts = []
    for each in chosen:
        if each.message in bodies:
            attempts.append(_attempt(row, each, bodies[each.message], keys, probe))
        else:
            _end(each, "missed")
    return attempts


def _attempt(row: EndpointRow, delivery: DeliveryRow, body: bytes, keys: Sequence[bytes], probe: bool) -> Attempt:
    now, message_id = clock.now(), signing.message_id(delivery.message)
    headers = {
        "content-type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": str(now),
        "webhook-signature": signing.signature(keys, message_id, now, body),
    }
    return Attempt(row.id, delivery.id, delivery.claims, row.url, headers, body, now, probe)
