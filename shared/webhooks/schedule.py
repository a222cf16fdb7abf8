"""When the sender should look at an endpoint next: its row is the entry of a queue whose order is `due_at`."""

from sqlalchemy import bindparam, func, select

from shared import clock
from shared.sharding import OwnerSession
from shared.webhooks.health import PAUSE_SECONDS
from shared.webhooks.models import DeliveryRow, EndpointRow

_ITS = (DeliveryRow.owner == bindparam("mine"), DeliveryRow.endpoint == bindparam("endpoint"))
_WAITING = select(func.min(DeliveryRow.due_at)).where(*_ITS, DeliveryRow.state == "waiting")
_LEASES = select(func.min(DeliveryRow.due_at), func.count()).where(*_ITS, DeliveryRow.state == "sending")


def reschedule(session: OwnerSession, row: EndpointRow) -> None:
    """Put a locked endpoint where it belongs in the queue, from the rows of its deliveries alone.

    That is behind everybody who is due by now, however long its own deliveries have waited.
    """
    row.due_at = None if row.state == "disabled" else _next(session, row)


def _next(session: OwnerSession, row: EndpointRow) -> int | None:
    this = {"mine": session.owner, "endpoint": row.id}
    waiting: int | None = session.execute(_WAITING, this).scalar_one()
    lease_ends, sending = session.execute(_LEASES, this).one()
    if sending >= most_at_once(row):
        waiting = None  # the next answer makes room, or at the latest the end of a lease
    now = clock.now()
    opens = max(row.opens_at, now + 1 if window_left(row, now) <= 0 else now)
    return min((max(each, opens) for each in (waiting, lease_ends) if each is not None), default=None)


def most_at_once(row: EndpointRow) -> int:
    """How many attempts may be under way: one while the endpoint is failing."""
    return 1 if row.state in PAUSE_SECONDS else row.at_once


def window_left(row: EndpointRow, now: int) -> int:
    """How many attempts may still begin in this second."""
    return row.per_second - (row.window_count if row.window_at == now else 0)
