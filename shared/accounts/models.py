"""Users, their sessions and their one-time links: all on the user's home shard."""

from typing import Any

from sqlalchemy import BINARY, JSON, BigInteger, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from shared.ids import MAX_SEQUENCE, compose
from shared.sharding.base import Id, OwnedMixin, ShardBase, owner_check


class User(OwnedMixin, ShardBase):
    """An account, or a guest who posts without one. `id` is `owner << 22`: one row for each owner.

    `state`: guest (no password, no claim on the address), pending (address not confirmed), active, closed. `unread`
    counts the messages that wait for him; it is kept, so that no page has to count them.
    """

    __tablename__ = "user"
    __table_args__ = (owner_check(), Index(None, "closed_at"), Index(None, "state", "created_at"))
    state: Mapped[str] = mapped_column(String(8))
    email: Mapped[str] = mapped_column(String(254))
    name: Mapped[str] = mapped_column(String(60))
    password_hash: Mapped[str | None] = mapped_column(String(160))
    created_at: Mapped[int] = mapped_column(BigInteger)
    confirmed_at: Mapped[int | None] = mapped_column(BigInteger)
    closed_at: Mapped[int | None] = mapped_column(BigInteger)
    unread: Mapped[int] = mapped_column(Integer, default=0)


class LoginSession(OwnedMixin, ShardBase):
    """A signed-in browser. The cookie holds the secret, the row its hash."""

    __tablename__ = "login_session"
    __table_args__ = (owner_check(), Index(None, "expires_at"))
    secret_hash: Mapped[bytes] = mapped_column(BINARY(32))
    created_at: Mapped[int] = mapped_column(BigInteger)
    seen_at: Mapped[int] = mapped_column(BigInteger)
    expires_at: Mapped[int] = mapped_column(BigInteger)
    agent: Mapped[str] = mapped_column(String(120))
    network: Mapped[str] = mapped_column(String(45))


class AccountLink(OwnedMixin, ShardBase):
    """A link or typed code that was mailed: one purpose, one use, hashed. `data` holds what it will do."""

    __tablename__ = "account_link"
    __table_args__ = (owner_check(), Index(None, "expires_at"))
    purpose: Mapped[str] = mapped_column(String(16))
    secret_hash: Mapped[bytes] = mapped_column(BINARY(32))
    data: Mapped[Any] = mapped_column(JSON)
    created_at: Mapped[int] = mapped_column(BigInteger)
    expires_at: Mapped[int] = mapped_column(BigInteger)
    used_at: Mapped[int | None] = mapped_column(BigInteger)


class AccountWarning(OwnedMixin, ShardBase):
    """What the staff told somebody, about one of his listings or about all that he does. `given_by` is not shown."""

    __tablename__ = "account_warning"
    listing: Mapped[int | None] = mapped_column(Id)
    words: Mapped[str] = mapped_column(Text)
    given_by: Mapped[str] = mapped_column(String(60))
    created_at: Mapped[int] = mapped_column(BigInteger)


def row_range(owner: int) -> tuple[int, int]:
    """The first and last id that rows of `owner` can have: his rows are one range of every primary key."""
    return compose(owner, 0), compose(owner, MAX_SEQUENCE)
