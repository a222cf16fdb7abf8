"""Documents of the search index for tests."""

from typing import Any

from shared import ids
from shared.search import Document

INNSBRUCK, VIENNA, MUNICH = 2775220, 2761369, 2867714
NOW = 1_800_000_000


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
