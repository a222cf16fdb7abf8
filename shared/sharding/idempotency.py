"""One effect for one request, however often it arrives: the key row commits together with the effect."""

from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy import bindparam, delete, select
from sqlalchemy.exc import IntegrityError

from shared import clock
from shared.sharding.base import table_of
from shared.sharding.models import RequestKey
from shared.sharding.session import OwnerSession, on_shard, unit_of_work

T = TypeVar("T", int, bool)
KEEP_SECONDS = 7 * 86_400
_table = table_of(RequestKey)
_OLD = (
    select(_table.c.owner.label("this_owner"), _table.c.key.label("this_key"))
    .where(_table.c.at < bindparam("before"))
    .limit(bindparam("limit"))
)
_FORGET = delete(_table).where(_table.c.owner == bindparam("this_owner"), _table.c.key == bindparam("this_key"))


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


def forget(shard: str, limit: int = 5000) -> int:
    """Delete keys past their seven days; returns how many. Run until 0."""
    with on_shard(shard, write=True) as session:
        old = session.execute(_OLD, {"before": clock.now() - KEEP_SECONDS, "limit": limit}).mappings().all()
        if old:
            session.connection().execute(_FORGET, [dict(row) for row in old])
    return len(old)
