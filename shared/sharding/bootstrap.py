"""A fleet's first start: identities, the first scopes, placement, counters. Idempotent, so any crash is finished by
the next start; it only ever fills what no shard covers."""

from collections.abc import Iterator

from sqlalchemy import insert, select

from shared import ids
from shared.sharding.allocation import prepare_buckets
from shared.sharding.errors import FleetNotReady
from shared.sharding.fleet import KEYSPACES, Fleet
from shared.sharding.models import ScopeState, Shard, ShardIdentity
from shared.sharding.placement import KEYS_END, rebuild
from shared.sharding.session import directory, on_shard

# GeoNames ids are below 2^24; the last city scope reaches to the end all the same.
_CITY_SCOPES, _CITY_WIDTH = 64, 1 << 18


def initialise(fleet: Fleet) -> None:
    """Register the shards, give every key a home, and rebuild the placement when something was missing."""
    for keyspace in KEYSPACES:
        for name in fleet.names(keyspace):
            _identify(name)
            _register(name, keyspace)
    placed = [_place(fleet, keyspace) for keyspace in KEYSPACES]
    prepare_buckets()
    if any(placed) or not all(fleet.placement.ranges(keyspace) for keyspace in KEYSPACES):
        rebuild(fleet)


def identity(name: str) -> str | None:
    """Which shard the database configured as `name` says that it is; None before its first start."""
    with on_shard(name) as session:
        return session.execute(select(ShardIdentity.shard_id)).scalar_one_or_none()


def _identify(name: str) -> None:
    with on_shard(name, write=True) as session:
        known = session.execute(select(ShardIdentity.shard_id)).scalar_one_or_none()
        if known is None:
            session.execute(insert(ShardIdentity).values(one=1, shard_id=name, primary_epoch=1))
        elif known != name:
            raise FleetNotReady(f"the database configured as shard {name} says that it is shard {known}")


def _register(name: str, keyspace: str) -> None:
    with directory() as session:
        if session.get(Shard, name) is None:
            # A shard added later holds nothing until something is moved to it.
            session.execute(insert(Shard).values(shard_id=name, ks=keyspace))


def _place(fleet: Fleet, keyspace: str) -> bool:
    """Give the planned scopes that no shard has to the shards in equal runs; returns whether there were any."""
    names, planned = fleet.names(keyspace), list(_plan(keyspace))
    covered = {lo for name in names for lo in _lows(name, keyspace)}
    missing: dict[str, list[tuple[int, int]]] = {}
    for at, (lo, hi) in enumerate(planned):
        if lo not in covered:
            missing.setdefault(names[at * len(names) // len(planned)], []).append((lo, hi))
    for name, scopes in missing.items():
        with on_shard(name, write=True) as session:
            rows = [{"ks": keyspace, "lo": lo, "hi": hi, "mode": "act", "epoch": 1} for lo, hi in scopes]
            session.execute(insert(ScopeState), rows)
    return bool(missing)


def _lows(name: str, keyspace: str) -> list[int]:
    with on_shard(name) as session:
        return list(session.execute(select(ScopeState.lo).where(ScopeState.ks == keyspace)).scalars())


def _plan(keyspace: str) -> Iterator[tuple[int, int]]:
    if keyspace == "user":
        width = 1 << ids.NUMBER_BITS
        yield from ((bucket * width, (bucket + 1) * width) for bucket in range(ids.BUCKETS))
        return
    for at in range(_CITY_SCOPES):
        last = at == _CITY_SCOPES - 1
        yield at * _CITY_WIDTH, KEYS_END[keyspace] if last else (at + 1) * _CITY_WIDTH
