"""An entry: all that the catalogue knows of a listing, made from the listing and the reference data of its place."""

from dataclasses import dataclass, fields
from typing import Any

from shared import categories, ids, places
from shared.listings import SearchDocument


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of the catalogue to be; the fields are the columns of `CatalogListing`."""

    city: int
    listing: int
    public_id: int
    owner: int
    revision: int
    country: str
    region: str
    category: str
    section: str
    title: str
    price_kind: str
    price_amount: int | None
    price_currency: str | None
    reserved: bool
    photo_count: int
    photo_jpg: str | None
    photo_avif: str | None
    photo_width: int | None
    photo_height: int | None
    created_at: int
    expires_at: int

    def values(self) -> dict[str, Any]:
        """The row as column names and values."""
        return {name: getattr(self, name) for name in _NAMES}


_NAMES = tuple(field.name for field in fields(Entry))


def entry_of(document: SearchDocument) -> Entry:
    """The entry of a listing on view. A city that GeoNames dropped leaves country and region empty."""
    place, thumb = places.find(document.city), document.thumb
    return Entry(
        city=document.city,
        listing=document.id,
        public_id=ids.public(document.id),
        owner=document.owner,
        revision=document.revision,
        country=place.country if place else "",
        region=place.region if place else "",
        category=document.category,
        section=categories.section_of(categories.get(document.category)).slug,
        title=document.title,
        price_kind=document.price_kind,
        price_amount=document.price_amount,
        price_currency=document.price_currency,
        reserved=document.state == "reserved",
        photo_count=document.photo_count,
        photo_jpg=thumb.jpg if thumb else None,
        photo_avif=(thumb.avif or None) if thumb else None,
        photo_width=thumb.width if thumb else None,
        photo_height=thumb.height if thumb else None,
        created_at=document.published_at,
        expires_at=document.expires_at,
    )
