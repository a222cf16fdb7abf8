"""One effect for one request, however often it arrives: the key row commits together with the effect."""

from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from shared import clock
from shared.sharding import forgetting
from shared.sharding.base import table_of
from shared.sharding.forgetting import AT_ONCE
from shared.sharding.models import RequestKey
from shared.sharding.session import OwnerSession, unit_of_work

T = TypeVar("T", int, bool)
KEEP_SECONDS = 7 * 86_400
_table = table_of(RequestKey)


def once(owner: int, key: bytes, work: Callable[[OwnerSession], T]) -> T:
    """Run `work` in a unit of work of `owner` unless the request with this 16-byte key was handled: then its result."""

    def first_time(session: OwnerSession) -> T:
        earlier: T | None = redeem(session, key)
        if earlier is not None:
            return earlier
        result = work(session)
        remember(session, key, result)
        return result

    try:
        return unit_of_work(owner, first_time)
    except IntegrityError:
        # The same request, sent a moment earlier, has just committed: now its result is found.
        return unit_of_work(owner, first_time)


def redeem(session: OwnerSession, key: bytes) -> Any | None:
    """What the request with this 16-byte key did before, or None when it is new to this owner."""
    statement = select(RequestKey.result).where(RequestKey.owner == session.owner, RequestKey.key == key)
    return session.execute(statement).scalar_one_or_none()


def remember(session: OwnerSession, key: bytes, result: Any) -> None:
    """Record `result` (JSON, not None) for the key. A second writer of the same key fails on the primary key."""
    session.add(RequestKey(owner=session.owner, key=key, result=result, at=clock.now()))


def forget(shard: str, limit: int = AT_ONCE) -> int:
    """Delete keys past their seven days; returns how many. Run until 0."""
    return forgetting.forget(shard, _table, _table.c.at < clock.now() - KEEP_SECONDS, limit)
