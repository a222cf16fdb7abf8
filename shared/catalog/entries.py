"""An entry: all that the catalogue knows of a listing, made from the listing and the reference data of its place."""

from dataclasses import dataclass, fields
from typing import Any


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
