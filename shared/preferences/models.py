"""What somebody decided about his mail, and what became of it on the way to him: on his home shard."""

from sqlalchemy import BINARY, BigInteger, Boolean, Index, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from shared.sharding.base import ShardBase


class MailChoice(ShardBase):
    """One kind of mail that `owner` decided about, and when. Without a row the kind's default holds."""

    __tablename__ = "mail_choice"
    __table_args__ = (Index(None, "kind", "wanted", "owner"),)
    owner: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False, info={"shard_key": "user"})
    kind: Mapped[str] = mapped_column(String(12), primary_key=True)
    wanted: Mapped[bool] = mapped_column(Boolean)
    decided_at: Mapped[int] = mapped_column(BigInteger)


class MailBounce(ShardBase):
    """How many days mail to `owner` came back for good, and from which address (its SHA-256).

    Another address has a clean slate, whatever the row says of the former one.
    """

    __tablename__ = "mail_bounce"
    owner: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False, info={"shard_key": "user"})
    address_hash: Mapped[bytes] = mapped_column(BINARY(32))
    days: Mapped[int] = mapped_column(SmallInteger)
    last_at: Mapped[int] = mapped_column(BigInteger)
