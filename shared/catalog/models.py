"""The browse read model: one row for each listing on view, on the catalogue shard of its city."""

from typing import Any

from sqlalchemy import JSON, BigInteger, Boolean, Index, Integer, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from shared.sharding.base import Id, ShardBase

# Every browse page is one of these prefixes, then newest first; a page reads its rows in index order and stops.
_NEWEST = ("created_at", "listing")


class CatalogListing(ShardBase):
    """What a row of a browse or result page shows, and nothing that would need another look-up."""

    __tablename__ = "catalog_listing"
    __table_args__ = (
        Index("ix_catalog_home", *_NEWEST),
        Index("ix_catalog_country", "country", *_NEWEST),
        Index("ix_catalog_region", "country", "region", *_NEWEST),
        Index("ix_catalog_city", "city", *_NEWEST),
        Index("ix_catalog_section", "section", *_NEWEST),
        Index("ix_catalog_category", "category", *_NEWEST),
        Index("ix_catalog_country_section", "country", "section", *_NEWEST),
        Index("ix_catalog_country_category", "country", "category", *_NEWEST),
        Index("ix_catalog_region_section", "country", "region", "section", *_NEWEST),
        Index("ix_catalog_region_category", "country", "region", "category", *_NEWEST),
        Index("ix_catalog_city_section", "city", "section", *_NEWEST),
        Index("ix_catalog_city_category", "city", "category", *_NEWEST),
        {"sqlite_with_rowid": False},
    )
    city: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False, info={"shard_key": "city"})
    listing: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    public_id: Mapped[int] = mapped_column(BigInteger)
    owner: Mapped[int] = mapped_column(BigInteger)
    revision: Mapped[int] = mapped_column(Integer)
    country: Mapped[str] = mapped_column(String(2))
    region: Mapped[str] = mapped_column(String(12))
    category: Mapped[str] = mapped_column(String(32))
    section: Mapped[str] = mapped_column(String(32))
    title: Mapped[str] = mapped_column(String(120))
    price_kind: Mapped[str] = mapped_column(String(6))
    price_amount: Mapped[int | None] = mapped_column(BigInteger)
    price_currency: Mapped[str | None] = mapped_column(String(3))
    reserved: Mapped[bool] = mapped_column(Boolean)
    photo_count: Mapped[int] = mapped_column(SmallInteger)
    photo: Mapped[Any] = mapped_column(JSON)
    created_at: Mapped[int] = mapped_column(BigInteger)
    expires_at: Mapped[int] = mapped_column(BigInteger)


class CatalogTombstone(ShardBase):
    """A listing that left a city, with the revision that took it away, so that an older event cannot bring it back."""

    __tablename__ = "catalog_tombstone"
    __table_args__ = (Index(None, "at"), {"sqlite_with_rowid": False})
    city: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False, info={"shard_key": "city"})
    listing: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    revision: Mapped[int] = mapped_column(Integer)
    at: Mapped[int] = mapped_column(BigInteger)
