"""Writing rows of many owners of one shard in one transaction: for imports and rebuilds, not for requests."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.sharding.errors import ScopeMoved
from shared.sharding.fleet import current
from shared.sharding.models import ScopeState
from shared.sharding.session import on_shard


@contextmanager
def bulk(shard: str, keyspace: str, keys: Iterable[int]) -> Iterator[Session]:
    """One writing transaction on `shard` for many keys (owners or cities).

    The guard of each key is held to the commit. Raises ScopeMoved before anything is written when the shard may not
    write one of them. The caller writes rows of these keys only.
    """
    with on_shard(shard, write=True) as session:
        _require_authority(session, shard, keyspace, set(keys))
        yield session


def by_shard(keyspace: str, keys: Iterable[int]) -> dict[str, list[int]]:
    """The keys grouped by the shard that is thought to hold them."""
    groups: defaultdict[str, list[int]] = defaultdict(list)
    for key in keys:
        groups[current().placement.lookup(keyspace, key).shard].append(key)
    return dict(groups)


def _require_authority(session: Session, shard: str, keyspace: str, keys: set[int]) -> None:
    scopes = {key: current().placement.lookup(keyspace, key) for key in keys}
    held = session.execute(
        select(ScopeState.lo, ScopeState.hi)
        .where(
            ScopeState.ks == keyspace,
            ScopeState.lo.in_({scope.lo for scope in scopes.values()}),
            ScopeState.mode.in_(("act", "jrn")),
        )
        .with_for_update(read=True)
    )
    ends = dict(held.all())
    for key, scope in scopes.items():
        if key >= ends.get(scope.lo, 0):
            current().placement.refresh()
            raise ScopeMoved(keyspace, key, shard)
