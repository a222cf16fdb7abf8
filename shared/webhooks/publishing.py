"""From an event of the outbox to deliveries: the body is made once and kept, one delivery for each endpoint."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import insert, select

from shared import clock
from shared.errors import Invalid
from shared.events import Recorded, WebhookTested, record
from shared.sharding import Family, OwnerSession, next_ids, table_of
from shared.webhooks.endpoints import locked, own_ids
from shared.webhooks.envelope import body_of
from shared.webhooks.errors import EndpointDisabled
from shared.webhooks.models import DeliveryRow, EndpointRow, MessageRow
from shared.webhooks.payloads import Notice, notice_of
from shared.webhooks.types import BY_NAME

_UNTRIED = {"steps": 0, "claims": 0, "status": None}


def publish(session: OwnerSession, recorded: Recorded) -> int:
    """Make the deliveries of an event of the session's owner; returns how many.

    Nothing happens for an event that no endpoint wants, that is no webhook, or that was published before.
    """
    if not (endpoint_ids := own_ids(session)):
        return 0
    notice = notice_of(session, recorded)
    if notice is None:
        return 0
    # Locked in the order of their ids, before anything else, as everybody does who changes an endpoint or what is its;
    # and by their ids, so that no gap between them, and no neighbour's row, is locked along with them.
    mine = (EndpointRow.owner == session.owner, EndpointRow.id.in_(endpoint_ids))
    rows = session.scalars(select(EndpointRow).where(*mine).order_by(EndpointRow.id).with_for_update())
    wanting = [each for each in rows if _wants(each, recorded, notice)]
    if not wanting or session.get(MessageRow, recorded.id) is not None:
        return 0
    body, truncated = body_of(recorded, notice)
    session.add(
        MessageRow(
            id=recorded.id,
            owner=session.owner,
            type=notice.type,
            body=body,
            truncated=truncated,
            created_at=clock.now(),
        )
    )
    deliver(session, wanting, [(recorded.id, notice.type)])
    return len(wanting)


def _wants(endpoint: EndpointRow, recorded: Recorded, notice: Notice) -> bool:
    if isinstance(recorded.event, WebhookTested):
        return endpoint.id == recorded.event.endpoint
    return notice.type in endpoint.types


def deliver(session: OwnerSession, endpoints: Sequence[EndpointRow], messages: Sequence[tuple[int, str]]) -> None:
    """A delivery of each message, by id and type, to each locked endpoint; `missed` at one that is switched off."""
    now = clock.now()
    ids = iter(next_ids(session, Family.WEBHOOK_DELIVERY, len(endpoints) * len(messages)))
    rows: list[dict[str, Any]] = []
    for endpoint in endpoints:
        off = endpoint.state == "disabled"
        state = {
            "state": "missed" if off else "waiting",
            "due_at": None if off else now,
            "ended_at": now if off else None,
        }
        common = {"owner": session.owner, "endpoint": endpoint.id, "created_at": now, **_UNTRIED, **state}
        rows += [{"id": next(ids), "message": message, "type": type, **common} for message, type in messages]
        if not off:
            due = max(now, endpoint.opens_at)
            endpoint.due_at = due if endpoint.due_at is None else min(endpoint.due_at, due)
    session.execute(insert(table_of(DeliveryRow)), rows)


def send_test(session: OwnerSession, endpoint_id: int, type: str) -> int:
    """Have the sample of an event type sent to one endpoint, whatever it subscribes to; returns the event's id.

    It goes the way of every event, so the delivery is there a moment later. Raises Invalid, NotFound, EndpointDisabled.
    """
    if type not in BY_NAME:
        raise Invalid({"type": "Choose a kind of event"})
    if locked(session, endpoint_id).state == "disabled":
        raise EndpointDisabled
    return record(session, WebhookTested(endpoint=endpoint_id, name=type))
