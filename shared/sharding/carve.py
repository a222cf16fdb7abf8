"""Cutting a scope into smaller ones on the shard that holds it. No row moves; only the unit of moving gets finer."""

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from shared.sharding.errors import ScopeMoved
from shared.sharding.fleet import current
from shared.sharding.models import ScopeState
from shared.sharding.placement import rebuild
from shared.sharding.session import on_shard


def carve(keyspace: str, lo: int, hi: int) -> None:
    """Make `lo <= key < hi` a scope of its own, in one transaction that waits for every writer of the old scope.

    Idempotent. Raises ScopeMoved when the range is not wholly inside one active scope.
    """
    fleet = current()
    home = fleet.placement.lookup(keyspace, lo)
    with on_shard(home.shard, write=True) as session:
        scope = _lock(session, keyspace, home.lo)
        if scope is None or scope.mode != "act" or not scope.lo <= lo < hi <= scope.hi:
            raise ScopeMoved(keyspace, lo, home.shard, scope.peer if scope else None)
        pieces = [(a, b) for a, b in ((scope.lo, lo), (lo, hi), (hi, scope.hi)) if a < b]
        _replace(session, scope, pieces)
    rebuild(fleet)


def _lock(session: Session, keyspace: str, lo: int) -> ScopeState | None:
    statement = select(ScopeState).where(ScopeState.ks == keyspace, ScopeState.lo == lo).with_for_update()
    return session.execute(statement).scalar_one_or_none()


def _replace(session: Session, scope: ScopeState, pieces: list[tuple[int, int]]) -> None:
    epoch = scope.epoch + 1
    first, *rest = pieces
    session.execute(
        update(ScopeState).where(ScopeState.ks == scope.ks, ScopeState.lo == scope.lo).values(hi=first[1], epoch=epoch)
    )
    for a, b in rest:
        session.execute(insert(ScopeState).values(ks=scope.ks, lo=a, hi=b, mode="act", epoch=epoch))
