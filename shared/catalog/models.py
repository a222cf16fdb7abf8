"""The browse read model: one row for each listing on view, on the catalogue shard of its city."""

from typing import cast

from sqlalchemy import BigInteger, Boolean, Index, Integer, SmallInteger, String, Table
from sqlalchemy.orm import Mapped, mapped_column

from shared.sharding.base import Id, ShardBase

# Every browse page is one of these prefixes, then newest first; a page reads its rows in index order and stops.
# What the twelve cost an insert is in docs/adr/0045-catalogue-indexes.md.
_NEWEST = ("created_at", "listing")
PREFIXES = {
    "ix_catalog_home": (),
    "ix_catalog_section": ("section",),
    "ix_catalog_category": ("category",),
    "ix_catalog_country": ("country",),
    "ix_catalog_country_section": ("country", "section"),
    "ix_catalog_country_category": ("country", "category"),
    "ix_catalog_region": ("region",),
    "ix_catalog_region_section": ("region", "section"),
    "ix_catalog_region_category": ("region", "category"),
    "ix_catalog_city": ("city",),
    "ix_catalog_city_section": ("city", "section"),
    "ix_catalog_city_category": ("city", "category"),
}


class CatalogListing(ShardBase):
    """What a row of a browse or result page shows, and nothing that would need another look-up.

    `public_id` spares pages the permutation of every id; `region` contains the country ("AT.07"). `photo_jpg` and
    `photo_avif` are the blob names of the cover's smallest variant, `photo_width` and `photo_height` its size.
    """

    __tablename__ = "catalog_listing"
    __table_args__ = (
        *(Index(name, *prefix, *_NEWEST) for name, prefix in PREFIXES.items()),
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
    photo_jpg: Mapped[str | None] = mapped_column(String(48))
    photo_avif: Mapped[str | None] = mapped_column(String(48))
    photo_width: Mapped[int | None] = mapped_column(SmallInteger)
    photo_height: Mapped[int | None] = mapped_column(SmallInteger)
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


LISTINGS, TOMBSTONES = cast(Table, CatalogListing.__table__), cast(Table, CatalogTombstone.__table__)
