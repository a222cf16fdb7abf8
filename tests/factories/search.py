"""Documents of the search index for tests."""

from typing import Any

from shared import ids
from shared.catalog import Entry
from shared.search import Document
from tests.factories.catalog import INNSBRUCK, NOW


def document(sequence: int = 1, title: str = "Bicycle", *, owner: int = 77, **values: Any) -> Document:
    """A thing in Innsbruck for 120 EUR; higher sequences are newer."""
    fields: dict[str, Any] = {
        "listing": ids.compose(owner, sequence),
        "revision": 1,
        "title": title,
        "body": "",
        "city": INNSBRUCK,
        "region": "AT.07",
        "country": "AT",
        "category": "bicycles",
        "section": "for-sale",
        "price": 12_000,
        "currency": "EUR",
        "has_photo": False,
        "condition": None,
        "lat": None,
        "lon": None,
        "posted_at": NOW + sequence,
    }
    return Document(**(fields | values))


def document_of(one: Entry, **values: Any) -> Document:
    """What the index holds of a catalogue entry."""
    fields: dict[str, Any] = {
        "listing": one.listing,
        "revision": one.revision,
        "title": one.title,
        "body": "",
        "city": one.city,
        "region": one.region,
        "country": one.country,
        "category": one.category,
        "section": one.section,
        "price": one.price_amount,
        "currency": one.price_currency,
        "has_photo": bool(one.photo_count),
        "condition": None,
        "lat": None,
        "lon": None,
        "posted_at": one.created_at,
    }
    return Document(**(fields | values))
