"""Listings, their photos and favourites, on the shard of the seller (or of the one who likes it)."""

from typing import Any

from sqlalchemy import BINARY, JSON, BigInteger, Boolean, Float, Index, Integer, SmallInteger, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from shared.sharding.base import Id, OwnedMixin, ShardBase, owner_check


class Listing(OwnedMixin, ShardBase):
    """Something offered. `revision` grows with every change, so that copies apply only what is newer.

    `state`: draft, published, reserved, sold, expired, removed. `price_amount` is in minor units of `price_currency`
    and set exactly when `price_kind` is "amount" ("free" and "ask" have none). `fields` are the category's own.
    """

    __tablename__ = "listing"
    __table_args__ = (
        owner_check(),
        Index(None, "owner", "state", "published_at"),
        Index(None, "state", "expires_at"),
        Index(None, "state", "updated_at"),
    )
    state: Mapped[str] = mapped_column(String(9))
    revision: Mapped[int] = mapped_column(Integer)
    title: Mapped[str] = mapped_column(String(120))
    body: Mapped[str] = mapped_column(Text)
    category: Mapped[str] = mapped_column(String(32))
    fields: Mapped[Any] = mapped_column(JSON)
    condition: Mapped[str | None] = mapped_column(String(12))
    price_kind: Mapped[str] = mapped_column(String(6))
    price_amount: Mapped[int | None] = mapped_column(BigInteger)
    price_currency: Mapped[str | None] = mapped_column(String(3))
    negotiable: Mapped[bool] = mapped_column(Boolean)
    city: Mapped[int | None] = mapped_column(Integer)
    lat: Mapped[float | None] = mapped_column(Float)
    lon: Mapped[float | None] = mapped_column(Float)
    seller_name: Mapped[str] = mapped_column(String(60))
    photo_count: Mapped[int] = mapped_column(SmallInteger)
    created_at: Mapped[int] = mapped_column(BigInteger)
    updated_at: Mapped[int] = mapped_column(BigInteger)
    published_at: Mapped[int | None] = mapped_column(BigInteger)
    expires_at: Mapped[int | None] = mapped_column(BigInteger)
    ended_at: Mapped[int | None] = mapped_column(BigInteger)
    # The end that the seller was warned of: once for each, however often somebody looks.
    warned_for: Mapped[int | None] = mapped_column(BigInteger)
    # Every UPDATE names the revision it was made from: of two changes at once, one wins and the other is told.
    __mapper_args__ = {"version_id_col": revision}


class Photo(OwnedMixin, ShardBase):
    """A photo of a listing. `variants` maps a width to its blob names and heights; blobs are named by content."""

    __tablename__ = "listing_photo"
    __table_args__ = (owner_check(), Index(None, "owner", "listing", "position"))
    listing: Mapped[int] = mapped_column(Id)
    position: Mapped[int] = mapped_column(SmallInteger)
    width: Mapped[int] = mapped_column(Integer)
    height: Mapped[int] = mapped_column(Integer)
    alt: Mapped[str] = mapped_column(String(120))
    variants: Mapped[Any] = mapped_column(JSON)
    created_at: Mapped[int] = mapped_column(BigInteger)


class ListingLink(OwnedMixin, ShardBase):
    """What lets somebody without an account manage one listing; only hashes are kept, and deleting the row revokes it.

    `purpose`: browser (the key in the cookie of the browser that wrote the draft or opened the link) or manage (a link
    sent by e-mail; `secret_hash` is NULL until the mail is made).
    """

    __tablename__ = "listing_link"
    __table_args__ = (owner_check(), Index(None, "owner", "listing"))
    listing: Mapped[int] = mapped_column(Id)
    purpose: Mapped[str] = mapped_column(String(8))
    secret_hash: Mapped[bytes | None] = mapped_column(BINARY(32))
    created_at: Mapped[int] = mapped_column(BigInteger)


class Favourite(OwnedMixin, ShardBase):
    """A listing that `owner` keeps an eye on; the listing may live on any shard.

    The price is what it cost when it was saved, or when `owner` was last told that it costs less.
    """

    __tablename__ = "favourite"
    __table_args__ = (owner_check(), Index(None, "owner", "listing", unique=True), Index(None, "listing"))
    listing: Mapped[int] = mapped_column(Id)
    city: Mapped[int] = mapped_column(Integer)
    price_amount: Mapped[int | None] = mapped_column(BigInteger)
    price_currency: Mapped[str | None] = mapped_column(String(3))
    created_at: Mapped[int] = mapped_column(BigInteger)
