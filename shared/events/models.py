"""The outbox, the consumers' inbox, and each shard's feed counter."""

from typing import Any

from sqlalchemy import JSON, BigInteger, Index, Integer, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from shared.sharding.base import Id, OwnedMixin, ShardBase, owner_check


class EventRow(OwnedMixin, ShardBase):
    """An event of the outbox, kept for 30 days. Pending means that `feed_seq` is still NULL.

    `owner_seq` is the sequence part of `id`: gap-free per owner, and it moves with the owner. `feed_seq` is gap-free
    per shard, given by the relay after the commit, and meaningless elsewhere.
    """

    __tablename__ = "event"
    __table_args__ = (owner_check(), Index(None, "feed_seq", "id"), Index(None, "at"))
    owner_seq: Mapped[int] = mapped_column(Integer)
    type: Mapped[str] = mapped_column(String(40))
    version: Mapped[int] = mapped_column(SmallInteger)
    body: Mapped[Any] = mapped_column(JSON)
    feed_seq: Mapped[int | None] = mapped_column(BigInteger)
    request_id: Mapped[str | None] = mapped_column(String(32))
    at: Mapped[int] = mapped_column(BigInteger)


class InboxRow(ShardBase):
    """What became of an event at one consumer: `done`, or `dead` with the reason when trying again cannot help.

    `wait` means another try from `at` on; otherwise `at` is when it was decided. `attempts` counts the tries that went
    wrong or were lost, not the first one of an event that nothing happened to.
    """

    __tablename__ = "inbox"
    __table_args__ = (Index(None, "at"), Index(None, "outcome", "at"))
    owner: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False, info={"shard_key": "user"})
    consumer: Mapped[str] = mapped_column(String(40), primary_key=True)
    event_id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    outcome: Mapped[str] = mapped_column(String(4))
    attempts: Mapped[int] = mapped_column(SmallInteger)
    reason: Mapped[str | None] = mapped_column(String(200))
    at: Mapped[int] = mapped_column(BigInteger)


class FeedPosition(ShardBase):
    """One row: the shard's last `feed_seq`, and up to where the sweep has seen every consumer done."""

    __tablename__ = "feed_position"
    one: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    last: Mapped[int] = mapped_column(BigInteger)
    swept: Mapped[int] = mapped_column(BigInteger)
