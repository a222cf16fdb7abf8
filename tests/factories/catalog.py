"""Catalogue entries for tests."""

from typing import Any

from shared import ids
from shared.catalog.entries import Entry

INNSBRUCK, VIENNA, MUNICH = 2775220, 2761369, 2867714
DAY = 86_400
NOW = 1_800_000_000


def entry(sequence: int = 1, *, owner: int = 77, city: int = INNSBRUCK, **values: Any) -> Entry:
    """A bicycle in Innsbruck, the `sequence`-th listing of its owner; later ones are newer."""
    listing = ids.compose(owner, sequence)
    region = {INNSBRUCK: "AT.07", VIENNA: "AT.09", MUNICH: "DE.02"}.get(city, "AT.07")
    fields: dict[str, Any] = {
        "city": city,
        "listing": listing,
        "public_id": ids.public(listing),
        "owner": owner,
        "revision": 1,
        "country": region[:2],
        "region": region,
        "category": "bicycles",
        "section": "for-sale",
        "title": f"Bicycle {sequence}",
        "price_kind": "amount",
        "price_amount": 12_000,
        "price_currency": "EUR",
        "reserved": False,
        "photo_count": 0,
        "photo_jpg": None,
        "photo_avif": None,
        "photo_width": None,
        "photo_height": None,
        "created_at": NOW - DAY + sequence,
        "expires_at": NOW + 30 * DAY,
    }
    return Entry(**(fields | values))
