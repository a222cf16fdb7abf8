"""Catalogue rows in the words of a page."""

from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from shared import categories, places
from shared.catalog import CatalogRow
from shared.money import format_amount


class Photo(NamedTuple):
    """A thumbnail of known size; `avif` is "" where there is none."""

    src: str
    avif: str
    width: int
    height: int


class ListingRow(NamedTuple):
    """A listing in a list or a gallery; `place` says where it is or, on a city's page, what it is."""

    url: str
    title: str
    price: str
    place: str
    at: int
    flag: str
    photo: Photo | None


def listing_rows(rows: Iterable[CatalogRow], *, within: str = "", photos: bool = False) -> list[ListingRow]:
    """Rows as shown on a page about a place of the kind `within` ("" for everywhere), with photos if asked for."""
    place = category_name if within == "city" else city_name if within else full_city_name
    return [
        ListingRow(
            f"/l/{row.public_id}",
            row.title,
            price(row.price_kind, row.price_amount, row.price_currency),
            place(row.category if within == "city" else row.city),
            row.created_at,
            "Reserved" if row.reserved else "",
            _photo(row) if photos else None,
        )
        for row in rows
    ]


@lru_cache(maxsize=16_384)
def price(kind: str, amount: int | None, currency: str | None) -> str:
    """ "€1,200", "Free", or "" where the price is on request."""
    if kind == "amount" and amount is not None and currency:
        return format_amount(amount, currency)
    return "Free" if kind == "free" else ""


@lru_cache(maxsize=16_384)
def city_name(city: int) -> str:
    """The name alone, "" for a place that GeoNames dropped."""
    place = places.find(city)
    return place.name if place else ""


@lru_cache(maxsize=16_384)
def full_city_name(city: int) -> str:
    """The name with its country, "Innsbruck, Austria"."""
    place = places.find(city)
    return f"{place.name}, {places.country(place.country).name}" if place else ""


@lru_cache(maxsize=256)
def category_name(slug: str) -> str:
    """The category's name."""
    return categories.get(slug).name


def _photo(row: CatalogRow) -> Photo | None:
    if not row.photo_jpg:
        return None
    avif = f"/photos/{row.photo_avif}" if row.photo_avif else ""
    return Photo(f"/photos/{row.photo_jpg}", avif, row.photo_width, row.photo_height)
