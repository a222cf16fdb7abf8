"""Which user id a newcomer gets. The id carries its bucket, and the bucket decides the first home.

Policies, as the setting `allocation` spells them: `random` (over every bucket), `weighted` (shards by their weight),
`range:SHARD` (fills that shard's buckets from low to high), `own:SHARD` (a scope of the user's own, for a power user).
"""

import random

from sqlalchemy import bindparam, insert, select, update

from shared import ids
from shared.sharding.base import table_of
from shared.sharding.carve import carve
from shared.sharding.errors import FleetNotReady
from shared.sharding.fleet import Fleet, current
from shared.sharding.models import BucketAllocation, Shard
from shared.sharding.session import directory

_table = table_of(BucketAllocation)
_ADVANCE = (
    update(_table)
    .where(_table.c.bucket == bindparam("this"), _table.c.next <= ids.MAX_NUMBER)
    .values(next=_table.c.next + 1)
)
_TAKEN = select(_table.c.next - 1).where(_table.c.bucket == bindparam("this"))


def allocate_owner(policy: str = "random") -> int:
    """A fresh user id, never given out again. Raises FleetNotReady when no shard that accepts newcomers has room.

    One small transaction on the directory; numbers of sign-ups that die are lost, which costs nothing.
    """
    kind, _, shard = policy.partition(":")
    (owner,) = _take(_candidates(kind, shard), 1)
    if kind == "own":
        carve("user", owner, owner + 1)
    return owner


def allocate_owners(count: int) -> list[int]:
    """Many fresh user ids over random buckets in one transaction, for imports and demo data."""
    return _take(random.choices(_candidates("random", ""), k=count), count)


def _candidates(kind: str, shard: str) -> list[int]:
    """Buckets in the order in which to try them."""
    fleet = current()
    weights = _accepting()
    if kind == "random":
        return _shuffled([bucket for name in weights for bucket in buckets_of(fleet, name)])
    if kind == "weighted":
        names = sorted(weights, key=lambda name: random.random() ** (1 / weights[name]), reverse=True)
        return [bucket for name in names for bucket in _shuffled(buckets_of(fleet, name))]
    if kind in ("range", "own"):
        if shard not in fleet.shards:
            raise FleetNotReady(f"the setting `allocation` names shard {shard!r}, which the setting `shards` does not")
        return buckets_of(fleet, shard)
    raise FleetNotReady(f"the setting `allocation` is {kind!r}; use random, weighted, range:SHARD or own:SHARD")


def _accepting() -> dict[str, int]:
    with directory(write=False) as session:
        rows = session.execute(
            select(Shard.shard_id, Shard.weight).where(Shard.ks == "user", Shard.accepts_new, Shard.weight > 0)
        ).all()
    return dict(rows)  # type: ignore[arg-type]


def buckets_of(fleet: Fleet, shard: str) -> list[int]:
    """The buckets whose whole range, or what is left of it, starts on this shard."""
    ranges = fleet.placement.ranges("user")
    width = 1 << ids.NUMBER_BITS
    return [each.lo // width for each in ranges if each.shard == shard and each.lo % width == 0]


def _shuffled(buckets: list[int]) -> list[int]:
    random.shuffle(buckets)
    return buckets


def _take(candidates: list[int], count: int) -> list[int]:
    taken: list[int] = []
    with directory() as session:
        for bucket in candidates:
            advanced = session.execute(_ADVANCE, {"this": bucket}).rowcount  # type: ignore[attr-defined]
            if advanced:
                taken.append(ids.compose_owner(bucket, session.execute(_TAKEN, {"this": bucket}).scalar_one()))
            if len(taken) == count:
                return taken
    raise FleetNotReady("every bucket that accepts newcomers is full: add a shard or let another one accept newcomers")


def prepare_buckets() -> None:
    """Make the counter row of every bucket; existing counters stay."""
    with directory() as session:
        known = set(session.execute(select(BucketAllocation.bucket)).scalars())
        missing = [{"bucket": bucket, "next": 1} for bucket in range(ids.BUCKETS) if bucket not in known]
        if missing:
            session.execute(insert(BucketAllocation), missing)
