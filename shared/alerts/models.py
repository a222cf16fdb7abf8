"""Saved searches, what they are found by, and what was found for them: all on the shard of whoever saved them."""

from typing import Any

from sqlalchemy import JSON, BigInteger, CheckConstraint, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from shared.sharding.base import Id, OwnedMixin, ShardBase, owner_check


def _search_check() -> CheckConstraint:
    return CheckConstraint("(search >> 22) = owner", name="owner")


class SavedSearch(OwnedMixin, ShardBase):
    """A search that somebody wants to hear about. `parameters` are those of the search page's address, `request` is
    the same question as the matcher reads it.

    `state`: unconfirmed (a guest's, until he opens the mailed link), active, paused. `frequency`: instant, daily,
    weekly. `due_at` is when the next mail is to be made, NULL while there is nothing to tell; `mailed_at` is when the
    last one was made, 0 before the first. `analysis` names the words that its keys were made with.
    """

    __tablename__ = "saved_search"
    __table_args__ = (
        owner_check(),
        Index(None, "due_at"),
        Index(None, "analysis"),
        Index(None, "state", "created_at"),
    )
    name: Mapped[str] = mapped_column(String(120))
    parameters: Mapped[Any] = mapped_column(JSON)
    request: Mapped[str] = mapped_column(Text)
    frequency: Mapped[str] = mapped_column(String(7))
    state: Mapped[str] = mapped_column(String(11))
    analysis: Mapped[str] = mapped_column(String(16))
    created_at: Mapped[int] = mapped_column(BigInteger)
    due_at: Mapped[int | None] = mapped_column(BigInteger)
    mailed_at: Mapped[int] = mapped_column(BigInteger)


class SearchKey(ShardBase):
    """The inverted index over the searches: a listing that matches a search has one of its keys.

    A key is a word or a category, and a place; both as hashes, since what is found by them is compared in full.
    """

    __tablename__ = "search_key"
    __table_args__ = (_search_check(), Index(None, "owner", "search"))
    selector: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    scope: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    search: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    owner: Mapped[int] = mapped_column(BigInteger, info={"shard_key": "user"})


class SearchMatch(ShardBase):
    """A listing that matched a search: once for each pair, whatever happens to the listing later.

    `revision` is the one that was compared. `batch` is the event that the mail about it is made for, NULL until it was
    gathered for one.
    """

    __tablename__ = "search_match"
    __table_args__ = (_search_check(), Index(None, "owner", "batch"), Index(None, "at"))
    owner: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False, info={"shard_key": "user"})
    search: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    listing: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    revision: Mapped[int] = mapped_column(Integer)
    at: Mapped[int] = mapped_column(BigInteger)
    batch: Mapped[int | None] = mapped_column(BigInteger)


class PriceDrop(ShardBase):
    """A favourite of `owner` that costs less: `amount` instead of `before`, in minor units of `currency`.

    `due_at` and `batch` as above; one of them is set.
    """

    __tablename__ = "price_drop"
    __table_args__ = (Index(None, "due_at"), Index(None, "owner", "batch"), Index(None, "at"))
    owner: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False, info={"shard_key": "user"})
    listing: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    amount: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    before: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    at: Mapped[int] = mapped_column(BigInteger)
    due_at: Mapped[int | None] = mapped_column(BigInteger)
    batch: Mapped[int | None] = mapped_column(BigInteger)
