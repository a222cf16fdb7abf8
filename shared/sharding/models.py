"""Tables of the sharding itself. On every shard: who may speak for which range, journal, sequences, idempotency,
claim fences. In the directory: shards, placement hints, allocation, claims, throttles and leases."""

from typing import Any

from sqlalchemy import BINARY, JSON, BigInteger, Boolean, Index, Integer, LargeBinary, SmallInteger, String, text
from sqlalchemy.orm import Mapped, mapped_column

from shared.sharding.base import DirectoryBase, ShardBase


class ShardIdentity(ShardBase):
    """One row: which shard this database believes it is."""

    __tablename__ = "shard_identity"
    one: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    shard_id: Mapped[str] = mapped_column(String(16))
    primary_epoch: Mapped[int] = mapped_column(BigInteger)


class ScopeState(ShardBase):
    """The truth of placement: the mode in which this shard holds the keys `lo <= key < hi`.

    act, jrn: authority (jrn also journals). frz: readable, writers wait. hand, mir, inc, gone: ask `peer`.
    """

    __tablename__ = "scope_state"
    __table_args__ = (Index(None, "ks", "mode"),)
    ks: Mapped[str] = mapped_column(String(8), primary_key=True)
    lo: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    hi: Mapped[int] = mapped_column(BigInteger)
    mode: Mapped[str] = mapped_column(String(4))
    epoch: Mapped[int] = mapped_column(BigInteger)
    move_id: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    peer: Mapped[str | None] = mapped_column(String(16))
    copied_upto: Mapped[int | None] = mapped_column(BigInteger)
    copy_done: Mapped[bool] = mapped_column(Boolean, server_default=text("0"))
    copy_src_epoch: Mapped[int | None] = mapped_column(BigInteger)
    copy_dst_epoch: Mapped[int | None] = mapped_column(BigInteger)


class Journal(ShardBase):
    """Dirty keys of a range that is being moved; never values."""

    __tablename__ = "journal"
    ks: Mapped[str] = mapped_column(String(8), primary_key=True)
    lo: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    tbl: Mapped[str] = mapped_column(String(32), primary_key=True)
    pk: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    ver: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[int] = mapped_column(BigInteger)


class OwnerSequence(ShardBase):
    """The next sequence number of each family of an owner's rows."""

    __tablename__ = "owner_seq"
    owner: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False, info={"shard_key": "user"})
    family: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    next: Mapped[int] = mapped_column(Integer)


class RequestKey(ShardBase):
    """What a request with this key already did, written in the same transaction as the effect."""

    __tablename__ = "request_key"
    __table_args__ = (Index(None, "at"),)
    owner: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False, info={"shard_key": "user"})
    key: Mapped[bytes] = mapped_column(BINARY(16), primary_key=True)
    result: Mapped[Any] = mapped_column(JSON)
    at: Mapped[int] = mapped_column(BigInteger)


class ClaimFence(ShardBase):
    """The verdict on a claim, decided where the owner lives: 'used' or 'void', whichever came first."""

    __tablename__ = "claim_fence"
    token: Mapped[bytes] = mapped_column(BINARY(16), primary_key=True)
    owner: Mapped[int] = mapped_column(BigInteger, info={"shard_key": "user"})
    verdict: Mapped[str] = mapped_column(String(5))


class Shard(DirectoryBase):
    """A database that can hold ranges of one keyspace."""

    __tablename__ = "shard"
    shard_id: Mapped[str] = mapped_column(String(16), primary_key=True)
    ks: Mapped[str] = mapped_column(String(8))
    primary_node: Mapped[str | None] = mapped_column(String(64))
    primary_epoch: Mapped[int] = mapped_column(BigInteger, server_default=text("1"))
    state: Mapped[str] = mapped_column(String(16), server_default=text("'ready'"))
    sync_mode: Mapped[str] = mapped_column(String(8), server_default=text("'async'"))
    accepts_new: Mapped[bool] = mapped_column(Boolean, server_default=text("1"))
    weight: Mapped[int] = mapped_column(Integer, server_default=text("1"))


class ShardNode(DirectoryBase):
    """A server that carries a copy of a shard."""

    __tablename__ = "shard_node"
    node_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    shard_id: Mapped[str] = mapped_column(String(16))
    url: Mapped[str] = mapped_column(String(255))
    role: Mapped[str] = mapped_column(String(8))
    max_lag_ms: Mapped[int] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(String(16))


class Placement(DirectoryBase):
    """A hint where a range lives, rebuilt from the shards' scope_state by the highest epoch."""

    __tablename__ = "placement"
    ks: Mapped[str] = mapped_column(String(8), primary_key=True)
    lo: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    hi: Mapped[int] = mapped_column(BigInteger)
    shard_id: Mapped[str] = mapped_column(String(16))
    epoch: Mapped[int] = mapped_column(BigInteger)


class MapVersion(DirectoryBase):
    """Grows with every change of the placement of a keyspace."""

    __tablename__ = "map_version"
    ks: Mapped[str] = mapped_column(String(8), primary_key=True)
    version: Mapped[int] = mapped_column(BigInteger)


class Move(DirectoryBase):
    """A move of a range as a job; it carries no authority."""

    __tablename__ = "move"
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    ks: Mapped[str] = mapped_column(String(8))
    lo: Mapped[int] = mapped_column(BigInteger)
    hi: Mapped[int] = mapped_column(BigInteger)
    src: Mapped[str] = mapped_column(String(16))
    dst: Mapped[str] = mapped_column(String(16))
    want: Mapped[str] = mapped_column(String(8))
    runner: Mapped[str | None] = mapped_column(String(64))
    runner_until: Mapped[int | None] = mapped_column(BigInteger)
    progress: Mapped[Any] = mapped_column(JSON)
    last_error: Mapped[str | None] = mapped_column(String(500))
    at: Mapped[int] = mapped_column(BigInteger)


class VerifyDiff(DirectoryBase):
    """A row that two copies disagree on: any row here blocks the switch."""

    __tablename__ = "verify_diff"
    move_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    tbl: Mapped[str] = mapped_column(String(32), primary_key=True)
    pk: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    src_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    dst_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    at: Mapped[int] = mapped_column(BigInteger)


class BucketAllocation(DirectoryBase):
    """The next user number of a bucket. Numbers start at 1, so that no id is 0."""

    __tablename__ = "bucket_alloc"
    bucket: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    next: Mapped[int] = mapped_column(Integer)


class Claim(DirectoryBase):
    """A name that only one owner can have, such as an e-mail address. Pending until the owner's shard has decided."""

    __tablename__ = "claim"
    __table_args__ = (Index(None, "owner"), Index(None, "state", "expires_at"))
    kind: Mapped[str] = mapped_column(String(16), primary_key=True)
    value_norm: Mapped[str] = mapped_column(String(255), primary_key=True)
    owner: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(String(8))
    token: Mapped[bytes] = mapped_column(BINARY(16))
    expires_at: Mapped[int] = mapped_column(BigInteger)


class Throttle(DirectoryBase):
    """How often something was tried in a window; `key` is a keyed hash, so the table names nobody."""

    __tablename__ = "throttle"
    __table_args__ = (Index(None, "expires_at"),)
    key: Mapped[bytes] = mapped_column(BINARY(16), primary_key=True)
    window: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    count: Mapped[int] = mapped_column(Integer)
    expires_at: Mapped[int] = mapped_column(BigInteger)


class Lease(DirectoryBase):
    """Who leads, until when; `fence` grows with every change of hands."""

    __tablename__ = "lease"
    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    owner: Mapped[str] = mapped_column(String(64))
    fence: Mapped[int] = mapped_column(BigInteger)
    expires_at: Mapped[int] = mapped_column(BigInteger)
