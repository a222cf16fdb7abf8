"""Which database holds whom, and the session that goes there.

`transaction(owner)` and `read(owner)` give a plain SQLAlchemy session bound to one owner for life, whose first
statement proves that this database may speak for that owner. `fan_out` is the only read over every shard, and it
demands a merge. `directory()` is the registry of claims, hints and leases; no request whose id is known needs it.
"""

from shared.sharding.allocation import allocate_owner, allocate_owners
from shared.sharding.base import DirectoryBase, OwnedMixin, ShardBase, shard_key_of, table_of
from shared.sharding.bulk import bulk, by_shard
from shared.sharding.errors import FleetNotReady, ScopeMoved, WrongOwner
from shared.sharding.fleet import Fleet, configure, current, use
from shared.sharding.idempotency import once, redeem, remember
from shared.sharding.scatter import concatenate, fan_out, keyset_merge, tally, total
from shared.sharding.sequences import Family, next_id, next_ids, take_many
from shared.sharding.session import (
    OwnerConnection,
    OwnerSession,
    directory,
    glance,
    on_shard,
    read,
    rerun,
    transaction,
    unit_of_work,
)

__all__ = [
    "DirectoryBase",
    "Family",
    "Fleet",
    "FleetNotReady",
    "OwnedMixin",
    "OwnerConnection",
    "OwnerSession",
    "ScopeMoved",
    "ShardBase",
    "WrongOwner",
    "allocate_owner",
    "allocate_owners",
    "bulk",
    "by_shard",
    "concatenate",
    "configure",
    "current",
    "directory",
    "fan_out",
    "glance",
    "keyset_merge",
    "next_id",
    "next_ids",
    "on_shard",
    "once",
    "read",
    "redeem",
    "remember",
    "rerun",
    "shard_key_of",
    "table_of",
    "take_many",
    "tally",
    "total",
    "transaction",
    "unit_of_work",
    "use",
]
