"""Where a seller wants to be told: added, changed, given another secret, switched off and on, removed."""

from collections.abc import Collection, Sequence

from sqlalchemy import delete, select, update

from shared import clock
from shared.accounts.models import row_range
from shared.errors import Invalid, NotFound
from shared.sharding import Family, OwnerSession, next_id
from shared.text import clean_line
from shared.webhooks import health, signing
from shared.webhooks.addresses import check_url
from shared.webhooks.errors import TooMany
from shared.webhooks.models import AttemptRow, DeliveryRow, EndpointRow, MessageRow
from shared.webhooks.schedule import reschedule
from shared.webhooks.types import BY_NAME

MOST_ENDPOINTS = 10
DESCRIPTION_LONGEST = 200
PER_SECOND, AT_ONCE = 25, 4
PER_SECOND_MOST, AT_ONCE_MOST = 100, 10


def create(
    session: OwnerSession,
    *,
    url: str,
    types: Collection[str],
    description: str = "",
    per_second: int = PER_SECOND,
    at_once: int = AT_ONCE,
) -> tuple[int, str]:
    """Add an endpoint of the session's owner; returns its id and its secret, which nothing shows again.

    At most `per_second` attempts (1 to 100) begin in each second, and `at_once` (1 to 10) are under way at a time.
    Raises Invalid, and TooMany beyond ten endpoints.
    """
    values = _checked(url, types, description, per_second, at_once)
    # The number comes first: the lock on its row lets only one of those in who add at the same moment.
    endpoint_id = next_id(session, Family.WEBHOOK_ENDPOINT)
    if len(own_ids(session, by_now=True)) >= MOST_ENDPOINTS:
        raise TooMany(f"You have {MOST_ENDPOINTS} endpoints already. Remove one first.")
    entry = signing.new_salt()
    row = EndpointRow(
        id=endpoint_id,
        owner=session.owner,
        secrets=[entry],
        created_at=clock.now(),
        **values,
    )
    session.add(row)
    return row.id, signing.shown(row.id, entry["salt"])


def edit(
    session: OwnerSession,
    endpoint_id: int,
    *,
    url: str,
    types: Collection[str],
    description: str = "",
    per_second: int = PER_SECOND,
    at_once: int = AT_ONCE,
) -> None:
    """Change what the seller says of an endpoint. What waits already goes to the new URL. Raises Invalid, NotFound."""
    values = _checked(url, types, description, per_second, at_once)
    row = locked(session, endpoint_id)
    for name, value in values.items():
        setattr(row, name, value)


def rotate_secret(
    session: OwnerSession, endpoint_id: int, overlap_seconds: int = signing.DEFAULT_OVERLAP_SECONDS
) -> str:
    """Give the endpoint a new secret and return it, which nothing shows again.

    The former one goes on signing beside it for `overlap_seconds` (0 to 7 days). Raises Invalid, NotFound, and TooMany
    while four former ones still sign.
    """
    if not 0 <= overlap_seconds <= signing.LONGEST_OVERLAP_SECONDS:
        raise Invalid({"overlap": "Choose from 0 hours to 7 days"})
    row = locked(session, endpoint_id)
    until = clock.now() + overlap_seconds
    former = [{**each, "until": min(each["until"] or until, until)} for each in row.secrets]
    kept = signing.in_force(former)
    if len(kept) >= signing.MOST_AT_ONCE:
        raise TooMany("Too many former secrets still sign. Wait until the first of them has run out, or overlap less.")
    entry = signing.new_salt()
    row.secrets = [entry, *kept]
    return signing.shown(row.id, entry["salt"])


def disable(session: OwnerSession, endpoint_id: int) -> None:
    """Switch an endpoint off: what waits, and what happens from now on, is kept as missed. May be called twice."""
    switch_off(session, locked(session, endpoint_id), "seller")


def switch_off(session: OwnerSession, row: EndpointRow, reason: str) -> None:
    """The same for a locked row; `reason` is seller, receiver, gone or failing."""
    if row.state == "disabled":
        return
    row.state, row.reason, row.due_at = "disabled", reason, None
    session.execute(
        update(DeliveryRow)
        .where(DeliveryRow.owner == session.owner, DeliveryRow.endpoint == row.id, DeliveryRow.state == "waiting")
        .values(state="missed", due_at=None, ended_at=clock.now())
        .execution_options(synchronize_session=False)
    )


def enable(session: OwnerSession, endpoint_id: int) -> None:
    """Switch an endpoint on again, with a clean record. `replay_range` brings what it missed. May be called twice."""
    row = locked(session, endpoint_id)
    if row.state == "disabled":
        health.forget(row)
        reschedule(session, row)


def try_now(session: OwnerSession, endpoint_id: int) -> None:
    """Try a degraded or probing endpoint at once instead of when its time comes."""
    row = locked(session, endpoint_id)
    row.opens_at = 0
    session.execute(
        update(DeliveryRow)
        .where(DeliveryRow.owner == session.owner, DeliveryRow.endpoint == row.id, DeliveryRow.state == "waiting")
        .values(due_at=clock.now())
        .execution_options(synchronize_session=False)
    )
    reschedule(session, row)


def remove(session: OwnerSession, endpoint_id: int) -> None:
    """Delete an endpoint and the record of everything sent to it. Raises NotFound."""
    row = locked(session, endpoint_id)
    its = (DeliveryRow.owner == session.owner, DeliveryRow.endpoint == row.id)
    ids = session.scalars(select(DeliveryRow.id).where(*its)).all()
    _delete_attempts(session, ids)
    session.execute(delete(DeliveryRow).where(*its))
    session.delete(row)


def _delete_attempts(session: OwnerSession, deliveries: Sequence[int], at_once: int = 500) -> None:
    for start in range(0, len(deliveries), at_once):
        some = deliveries[start : start + at_once]
        session.execute(delete(AttemptRow).where(AttemptRow.owner == session.owner, AttemptRow.delivery.in_(some)))


def forget_all(session: OwnerSession) -> None:
    """Delete every endpoint of the session's owner and all that was sent, for a closed account."""
    first, last = row_range(session.owner)
    session.execute(delete(AttemptRow).where(AttemptRow.owner == session.owner))
    for table in (DeliveryRow, MessageRow, EndpointRow):
        session.execute(delete(table).where(table.owner == session.owner, table.id.between(first, last)))


def own_ids(session: OwnerSession, *, by_now: bool = False) -> list[int]:
    """The endpoints of the session's owner, the oldest first. `by_now`: as they are, not as they were when it began."""
    mine = (EndpointRow.owner == session.owner, EndpointRow.id.between(*row_range(session.owner)))
    statement = select(EndpointRow.id).where(*mine).order_by(EndpointRow.id)
    return list(session.scalars(statement.with_for_update(read=True) if by_now else statement))


def locked(session: OwnerSession, endpoint_id: int) -> EndpointRow:
    """An endpoint of the session's owner. Its row is locked first by whoever changes it or its deliveries."""
    statement = select(EndpointRow).where(EndpointRow.owner == session.owner, EndpointRow.id == endpoint_id)
    row: EndpointRow | None = session.execute(statement.with_for_update()).scalar_one_or_none()
    if row is None:
        raise NotFound("There is no such endpoint.")
    return row


def _checked(
    url: str, types: Collection[str], description: str, per_second: int, at_once: int
) -> dict[str, str | int | list[str]]:
    """The columns for what the seller says. Raises Invalid about all that is wrong at once."""
    wrong: dict[str, str] = {}
    try:
        url = check_url(url)
    except Invalid as error:
        wrong |= error.fields
    description = clean_line(description)
    if len(description) > DESCRIPTION_LONGEST:
        wrong["description"] = f"Shorten this to {DESCRIPTION_LONGEST} characters; it has {len(description)}"
    if not types or not set(types) <= BY_NAME.keys():
        wrong["types"] = "Choose at least one kind of event"
    if not 1 <= per_second <= PER_SECOND_MOST:
        wrong["per_second"] = f"Choose from 1 to {PER_SECOND_MOST}"
    if not 1 <= at_once <= AT_ONCE_MOST:
        wrong["at_once"] = f"Choose from 1 to {AT_ONCE_MOST}"
    if wrong:
        raise Invalid(wrong)
    chosen = [name for name in BY_NAME if name in types]
    return {"url": url, "types": chosen, "description": description, "per_second": per_second, "at_once": at_once}
