"""The kinds of events that sellers can subscribe to: one entry for each, in the order in which pages list them.

`order.paid` and `order.refunded` become two more entries here, and two builders in `payloads`, when there are orders.
"""

from dataclasses import dataclass
from typing import Any

VERSION = 1

_LISTING: dict[str, Any] = {
    "id": 2781690731947081,
    "url": "https://example.org/l/2781690731947081",
    "state": "published",
    "title": "Red bicycle",
    "description": "Well kept, new tyres, 21 gears.",
    "category": "bikes",
    "condition": "good",
    "fields": {},
    "price": {"kind": "amount", "amount": 12000, "currency": "EUR", "negotiable": True},
    "place": {"city": 2775220, "name": "Innsbruck", "country": "AT"},
    "photo_count": 2,
    "published_at": "2026-01-31T09:30:00Z",
    "expires_at": "2026-04-01T09:30:00Z",
}
_GONE = {"id": _LISTING["id"], "url": _LISTING["url"], "state": "removed"}


@dataclass(frozen=True, slots=True)
class EventType:
    """A kind of event: its name, a sentence for the page, and the `data` of a sample."""

    name: str
    description: str
    sample: dict[str, Any]


TYPES = (
    EventType("listing.created", "A listing of yours was published for the first time.", {"listing": _LISTING}),
    EventType(
        "listing.updated",
        "A published listing changed: edited, renewed, reserved, released, expired, or deleted by you.",
        {"listing": {**_LISTING, "state": "reserved"}},
    ),
    EventType(
        "listing.sold",
        "You marked a listing as sold.",
        {"listing": {**_LISTING, "state": "sold"}},
    ),
    EventType("listing.removed_by_admin", "The staff took a listing of yours off the site.", {"listing": _GONE}),
    EventType(
        "message.received",
        "Somebody wrote to you about a listing.",
        {
            "message": {
                "id": 8046207319045528,
                "thread": 1620733190455208,
                "listing": _LISTING["id"],
                "from": "Bo",
                "kind": "text",
                "text": "Is it still there?",
                "offer": None,
                "sent_at": "2026-01-31T10:15:00Z",
            }
        },
    ),
    EventType(
        "complaint.created",
        "Somebody complained about a listing or a message of yours. It never says who.",
        {
            "complaint": {
                "id": 6204578120733190,
                "listing": _LISTING["id"],
                "subject": "listing",
                "reason": "misplaced",
                "created_at": "2026-01-31T10:20:00Z",
            }
        },
    ),
)
BY_NAME = {each.name: each for each in TYPES}
