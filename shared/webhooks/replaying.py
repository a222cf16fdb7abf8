"""Sending again: one delivery, a range, or everything missed, to the same endpoint or another one."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, select, update

from shared import clock
from shared.errors import NotFound
from shared.sharding import OwnerSession
from shared.webhooks.endpoints import locked
from shared.webhooks.errors import EndpointDisabled, TooMany
from shared.webhooks.models import DeliveryRow, EndpointRow, MessageRow
from shared.webhooks.publishing import deliver
from shared.webhooks.schedule import reschedule

MOST_REPLAYED = 10_000
# What ended without having been delivered, and not because the receiver wanted it so.
MISSED = ("failed", "missed")
_UNDER_WAY = ("waiting", "sending")
_AGAIN: dict[str, Any] = {"state": "waiting", "steps": 0, "status": None, "ended_at": None}


@dataclass(frozen=True, slots=True)
class Range:
    """Which deliveries: made from `since` to `until` (UTC seconds, both included; None is open), of these `types`
    (None is all), and with `missed_only` just those that failed or were missed."""

    since: int | None = None
    until: int | None = None
    types: Collection[str] | None = None
    missed_only: bool = False


def replay(session: OwnerSession, delivery_id: int) -> None:
    """Send one delivery again, from the first step of its ladder, whatever became of it. Safe to call twice.

    Raises NotFound for a stranger's or one past its 30 days, EndpointDisabled.
    """
    this = (DeliveryRow.owner == session.owner, DeliveryRow.id == delivery_id)
    delivery = session.execute(select(DeliveryRow).where(*this)).scalar_one_or_none()
    if delivery is None or session.get(MessageRow, delivery.message) is None:
        raise NotFound("There is no such delivery any more.")
    endpoint = _open(session, delivery.endpoint)
    due_now = {**_AGAIN, "due_at": clock.now()}
    session.execute(update(DeliveryRow).where(*this, DeliveryRow.state != "sending").values(due_now))
    reschedule(session, endpoint)


def replay_range(session: OwnerSession, endpoint_id: int, wanted: Range, to: int | None = None) -> int:
    """Send again what `count` counts: to the endpoint itself, or all of it to the endpoint `to`; returns how many.

    They go as fast as the endpoint's own limits let them. Raises NotFound, EndpointDisabled, and TooMany beyond 10,000.
    """
    if (many := count(session, endpoint_id, wanted, to)) > MOST_REPLAYED:
        raise TooMany(f"These are {many:,} deliveries; at most {MOST_REPLAYED:,} go at once. Choose a shorter time.")
    if to is None or to == endpoint_id:
        endpoint = _open(session, endpoint_id)
        _send_again(session, _matching(session, endpoint_id, wanted, same=True))
    else:
        endpoint = _send_elsewhere(session, endpoint_id, wanted, to)
    reschedule(session, endpoint)
    return many


def count(session: OwnerSession, endpoint_id: int, wanted: Range, to: int | None = None) -> int:
    """The dry run: how many deliveries `replay_range` would send now. What is under way already is not sent again."""
    same = to is None or to == endpoint_id
    matching = select(func.count()).select_from(DeliveryRow).where(*_matching(session, endpoint_id, wanted, same=same))
    return int(session.execute(matching).scalar_one())


def _matching(session: OwnerSession, endpoint_id: int, wanted: Range, *, same: bool) -> list[ColumnElement[bool]]:
    conditions = [DeliveryRow.owner == session.owner, DeliveryRow.endpoint == endpoint_id]
    if wanted.since is not None:
        conditions.append(DeliveryRow.created_at >= wanted.since)
    if wanted.until is not None:
        conditions.append(DeliveryRow.created_at <= wanted.until)
    if wanted.types is not None:
        conditions.append(DeliveryRow.type.in_(sorted(wanted.types)))
    if wanted.missed_only:
        conditions.append(DeliveryRow.state.in_(MISSED))
    elif same:
        conditions.append(DeliveryRow.state.not_in(_UNDER_WAY))
    return conditions


def _open(session: OwnerSession, endpoint_id: int) -> EndpointRow:
    row = locked(session, endpoint_id)
    if row.state == "disabled":
        raise EndpointDisabled
    return row


def _send_again(session: OwnerSession, matching: list[ColumnElement[bool]]) -> None:
    session.execute(
        update(DeliveryRow)
        .where(*matching)
        .values({**_AGAIN, "due_at": clock.now()})
        .execution_options(synchronize_session=False)
    )


def _send_elsewhere(session: OwnerSession, source: int, wanted: Range, to: int) -> EndpointRow:
    """The messages of one endpoint's deliveries to another: again where it had them, for the first time elsewhere."""
    endpoint = _open(session, to)
    matching = _matching(session, source, wanted, same=False)
    messages = dict(session.execute(select(DeliveryRow.message, DeliveryRow.type).where(*matching)).all())
    there = [DeliveryRow.owner == session.owner, DeliveryRow.endpoint == to]
    known = {id for id in session.scalars(select(DeliveryRow.message).where(*there)) if id in messages}
    for some in _hundreds(sorted(known)):
        _send_again(session, [*there, DeliveryRow.message.in_(some), DeliveryRow.state.not_in(_UNDER_WAY)])
    if new := [(id, type) for id, type in messages.items() if id not in known]:
        deliver(session, [endpoint], sorted(new))
    return endpoint


def _hundreds(ids: list[int]) -> list[list[int]]:
    return [ids[start : start + 500] for start in range(0, len(ids), 500)]
