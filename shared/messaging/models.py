"""Messages: the sender's copy on his shard, the recipient's in the inbox on hers. Each side owns its copy."""

from sqlalchemy import BigInteger, Boolean, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from shared.sharding.base import Id, OwnedMixin, ShardBase, owner_check


class SentMessage(OwnedMixin, ShardBase):
    """What a user wrote about a listing. `title` is the listing's at that time; `share_address` lets the recipient
    answer by e-mail."""

    __tablename__ = "message_sent"
    recipient: Mapped[int] = mapped_column(BigInteger)
    sender_name: Mapped[str] = mapped_column(String(60))
    listing: Mapped[int] = mapped_column(Id)
    title: Mapped[str] = mapped_column(String(120))
    body: Mapped[str] = mapped_column(Text)
    share_address: Mapped[bool] = mapped_column(Boolean)
    created_at: Mapped[int] = mapped_column(BigInteger)


class InboxMessage(OwnedMixin, ShardBase):
    """What a user received. `sent` is the id of the sender's copy: one row for each, however often it is delivered."""

    __tablename__ = "message_inbox"
    __table_args__ = (
        owner_check(),
        Index(None, "owner", "sent", unique=True),
        Index(None, "owner", "created_at"),
    )
    sent: Mapped[int] = mapped_column(Id)
    sender: Mapped[int] = mapped_column(BigInteger)
    sender_name: Mapped[str] = mapped_column(String(60))
    listing: Mapped[int] = mapped_column(Id)
    title: Mapped[str] = mapped_column(String(120))
    body: Mapped[str] = mapped_column(Text)
    created_at: Mapped[int] = mapped_column(BigInteger)
    read_at: Mapped[int | None] = mapped_column(BigInteger)
