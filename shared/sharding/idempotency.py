"""One effect for one request, however often it arrives: the key row commits together with the effect."""

from typing import Any

from sqlalchemy import select

from shared import clock
from shared.sharding.models import RequestKey
from shared.sharding.session import OwnerSession

KEEP_SECONDS = 7 * 86_400


def redeem(session: OwnerSession, key: bytes) -> Any | None:
    """What the request with this 16-byte key did before, or None when it is new to this owner."""
    statement = select(RequestKey.result).where(RequestKey.owner == session.owner, RequestKey.key == key)
    return session.execute(statement).scalar_one_or_none()


def remember(session: OwnerSession, key: bytes, result: Any) -> None:
    """Record `result` (JSON, not None) for the key. A second writer of the same key fails on the primary key."""
    session.add(RequestKey(owner=session.owner, key=key, result=result, at=clock.now()))
