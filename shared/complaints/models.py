"""Complaints, on the shard of whom they are about."""

from sqlalchemy import BigInteger, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from shared.sharding.base import Id, OwnedMixin, ShardBase, owner_check


class Complaint(OwnedMixin, ShardBase):
    """What somebody reported about `owner`. `subject`: listing, thread or message; `state`: open until staff decide.

    `thread` and `message` are ids of the copies of the `reporter`, who may delete them: `quote` keeps what was
    complained of. Without an account there is no `reporter`, and `email` is given by whoever wants an answer.
    """

    __tablename__ = "complaint"
    __table_args__ = (owner_check(), Index(None, "state", "created_at"), Index(None, "created_at"))
    subject: Mapped[str] = mapped_column(String(8))
    listing: Mapped[int] = mapped_column(Id)
    thread: Mapped[int | None] = mapped_column(Id)
    message: Mapped[int | None] = mapped_column(Id)
    reporter: Mapped[int | None] = mapped_column(BigInteger)
    email: Mapped[str] = mapped_column(String(254))
    reason: Mapped[str] = mapped_column(String(12))
    words: Mapped[str] = mapped_column(Text)
    quote: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(8))
    created_at: Mapped[int] = mapped_column(BigInteger)
