"""Endpoints, what is sent to them, and every attempt at it: all on the seller's shard."""

from typing import Any

from sqlalchemy import JSON, BigInteger, Boolean, Index, Integer, SmallInteger, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from shared.sharding.base import Id, OwnedMixin, ShardBase, owner_check


class EndpointRow(OwnedMixin, ShardBase):
    """Where a seller wants to be told, and how it has been going.

    `secrets` lists `{"salt": hex, "until": UTC seconds or null}`, the current one first; the secrets themselves are
    derived (`signing`). `state`: active, degraded, probing or disabled (then `reason` says why: seller, receiver, gone
    or failing). `failures` counts in a row since `failing_since`; `warned` is the last mail of that story. `opens_at`:
    nothing is sent before. `window_count` attempts began in the second `window_at`. `due_at` is when the sender should
    look at it next, NULL when nothing waits, in one of two lanes: what answers promptly, and what is `slow`.
    """

    __tablename__ = "webhook_endpoint"
    __table_args__ = (owner_check(), Index(None, "slow", "due_at"))
    url: Mapped[str] = mapped_column(String(2000))
    description: Mapped[str] = mapped_column(String(200))
    types: Mapped[Any] = mapped_column(JSON)
    secrets: Mapped[Any] = mapped_column(JSON)
    per_second: Mapped[int] = mapped_column(SmallInteger)
    at_once: Mapped[int] = mapped_column(SmallInteger)
    state: Mapped[str] = mapped_column(String(8), default="active")
    reason: Mapped[str | None] = mapped_column(String(8))
    created_at: Mapped[int] = mapped_column(BigInteger)
    failures: Mapped[int] = mapped_column(Integer, default=0)
    failing_since: Mapped[int | None] = mapped_column(BigInteger)
    failed_at: Mapped[int | None] = mapped_column(BigInteger)
    succeeded_at: Mapped[int | None] = mapped_column(BigInteger)
    warned: Mapped[str | None] = mapped_column(String(12))
    opens_at: Mapped[int] = mapped_column(BigInteger, default=0)
    window_at: Mapped[int] = mapped_column(BigInteger, default=0)
    window_count: Mapped[int] = mapped_column(Integer, default=0)
    slow: Mapped[bool] = mapped_column(Boolean, default=False)
    due_at: Mapped[int | None] = mapped_column(BigInteger)


class MessageRow(OwnedMixin, ShardBase):
    """One event as it is sent: `id` is the event's, `body` the bytes that every attempt signs and sends, as text."""

    __tablename__ = "webhook_message"
    __table_args__ = (owner_check(), Index(None, "created_at"))
    type: Mapped[str] = mapped_column(String(40))
    body: Mapped[str] = mapped_column(Text)
    truncated: Mapped[bool] = mapped_column(Boolean)
    created_at: Mapped[int] = mapped_column(BigInteger)


class DeliveryRow(OwnedMixin, ShardBase):
    """One message for one endpoint.

    `state`: waiting, sending (leased until `due_at`), or at its end, without `due_at`: delivered, failed (every attempt
    of the ladder was used), aborted (the receiver said so), missed (the endpoint was switched off). `steps` counts
    failures that used up a step of the ladder, `claims` how often it was leased: a claim's number is its fence and the
    number of its attempt.
    """

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        owner_check(),
        Index(None, "owner", "endpoint", "message", unique=True),
        Index(None, "owner", "endpoint", "state", "due_at"),
        Index(None, "created_at"),
    )
    endpoint: Mapped[int] = mapped_column(Id)
    message: Mapped[int] = mapped_column(Id)
    type: Mapped[str] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(String(9))
    due_at: Mapped[int | None] = mapped_column(BigInteger)
    steps: Mapped[int] = mapped_column(SmallInteger, default=0)
    claims: Mapped[int] = mapped_column(Integer, default=0)
    status: Mapped[int | None] = mapped_column(SmallInteger)
    created_at: Mapped[int] = mapped_column(BigInteger)
    ended_at: Mapped[int | None] = mapped_column(BigInteger)


class AttemptRow(ShardBase):
    """What came of one attempt: the status or, without one, `fault`; the head and the first 20 kB of the answer."""

    __tablename__ = "webhook_attempt"
    __table_args__ = (Index(None, "at"),)
    owner: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False, info={"shard_key": "user"})
    delivery: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    at: Mapped[int] = mapped_column(BigInteger)
    ms: Mapped[int] = mapped_column(Integer)
    status: Mapped[int | None] = mapped_column(SmallInteger)
    fault: Mapped[str | None] = mapped_column(String(12))
    detail: Mapped[str] = mapped_column(String(200))
    head: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    probe: Mapped[bool] = mapped_column(Boolean)
