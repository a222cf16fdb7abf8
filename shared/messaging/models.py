"""Threads and their messages: each side has a copy on its own shard; the seller's is the conversation's home."""

from sqlalchemy import BINARY, BigInteger, Boolean, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from shared.ids import owner_of
from shared.sharding.base import Id, OwnedMixin, ShardBase, owner_check


class Thread(OwnedMixin, ShardBase):
    """What `owner` and `other` say to each other about a listing, as `owner` has it.

    `last` is the number of the newest message that this copy has; at the home, the conversation's own counter, and
    `taken` the id of the last message of the other side that got its number there. `folder`: inbox, archive or trash.
    `unread` counts what came in after `seen`; `news` says whether that is anything, for the order of the list. Up to
    `cut` the owner has deleted his copy, at `deleted_at`. Mail about the thread is due at `mail_due_at`; it told of
    everything up to `mailed`, at `mailed_at`. `relay` is what makes the address for answers by mail; NULL revokes it.
    """

    __tablename__ = "message_thread"
    __table_args__ = (
        owner_check(),
        Index(None, "owner", "listing", "other", unique=True),
        Index(None, "owner", "other"),
        Index("ix_message_thread_list", "owner", "folder", "news", "last_at", "id"),
        Index(None, "mail_due_at"),
        Index(None, "deleted_at"),
    )
    other: Mapped[int] = mapped_column(BigInteger)
    other_name: Mapped[str] = mapped_column(String(60))
    listing: Mapped[int] = mapped_column(Id)
    title: Mapped[str] = mapped_column(String(120))
    folder: Mapped[str] = mapped_column(String(7), default="inbox")
    last: Mapped[int] = mapped_column(Integer, default=0)
    taken: Mapped[int] = mapped_column(BigInteger, default=0)
    last_at: Mapped[int] = mapped_column(BigInteger)
    seen: Mapped[int] = mapped_column(Integer, default=0)
    unread: Mapped[int] = mapped_column(Integer, default=0)
    news: Mapped[bool] = mapped_column(Boolean, default=False)
    cut: Mapped[int] = mapped_column(Integer, default=-1)
    deleted_at: Mapped[int | None] = mapped_column(BigInteger)
    mailed: Mapped[int] = mapped_column(Integer, default=0)
    mailed_at: Mapped[int] = mapped_column(BigInteger, default=0)
    mail_due_at: Mapped[int | None] = mapped_column(BigInteger)
    relay: Mapped[bytes | None] = mapped_column(BINARY(16))

    @property
    def home(self) -> int:
        """Who numbers the messages: the seller."""
        return owner_of(self.listing)

    @property
    def is_home(self) -> bool:
        """Whether this copy is the one that numbers."""
        return self.owner == self.home


class Message(OwnedMixin, ShardBase):
    """One message of a copy. Numbers run without a gap from 1; above WAITING the home has not given one yet. What it
    does not take stands in its author's copy beside the last number there was, 0 if none; `id` tells which was first.

    `kind`: text, offer, accept, decline, withdraw, or note (`body` is then one of `words.NOTES`). `amount` is in minor
    units of `currency`; `offer` is the number of the offer that is answered. `state` of an offer: open, accepted,
    declined, withdrawn or replaced; of an answer: "" or late; of what the other side does not take: blocked or closed.
    `source` is the id of the author's row; of a note, minus the id of the event that it tells of.
    """

    __tablename__ = "message"
    __table_args__ = (
        owner_check(),
        Index(None, "owner", "thread", "number"),
        Index(None, "owner", "thread", "source", unique=True),
    )
    thread: Mapped[int] = mapped_column(Id)
    number: Mapped[int] = mapped_column(Integer)
    mine: Mapped[bool] = mapped_column(Boolean)
    kind: Mapped[str] = mapped_column(String(8))
    body: Mapped[str] = mapped_column(Text)
    amount: Mapped[int | None] = mapped_column(BigInteger)
    currency: Mapped[str | None] = mapped_column(String(3))
    offer: Mapped[int | None] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(String(9))
    share_address: Mapped[bool] = mapped_column(Boolean)
    source: Mapped[int] = mapped_column(Id)
    created_at: Mapped[int] = mapped_column(BigInteger)


# From here on numbers only say in which order a side wrote what the home has not numbered.
WAITING = 1 << 30


class Block(OwnedMixin, ShardBase):
    """`owner` wants no messages from `blocked`, whom he knew as `name`, and cannot write to him either."""

    __tablename__ = "message_block"
    __table_args__ = (owner_check(), Index(None, "owner", "blocked", unique=True))
    blocked: Mapped[int] = mapped_column(BigInteger)
    name: Mapped[str] = mapped_column(String(60))
    created_at: Mapped[int] = mapped_column(BigInteger)
