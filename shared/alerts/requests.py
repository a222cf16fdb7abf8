"""A saved question as text and back: the part of a search request that a listing can match or not.

Order, page and "posted since" are no part of it, nor is a place to be near without a distance.
"""

import json
from typing import Any

from shared.search import DetailFilter, Point, SearchRequest

LASTING = (
    "text",
    "city",
    "region",
    "country",
    "category",
    "section",
    "price_min",
    "price_max",
    "currency",
    "has_photo",
    "condition",
)


def to_text(request: SearchRequest) -> str:
    """The lasting part of a request; the same text for the same question."""
    values: dict[str, Any] = {name: getattr(request, name) for name in LASTING}
    if request.near is not None and request.within_km is not None:
        values |= {"near": (request.near.lat, request.near.lon), "within_km": request.within_km}
    values["details"] = [(each.key, each.value, each.minimum, each.maximum) for each in request.details]
    # Not what is merely falsy: a price of at most 0 asks for what is free.
    said = {name: value for name, value in values.items() if value is not None and value is not False and value != []}
    return json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def from_text(text: str) -> SearchRequest:
    """The request that `to_text` wrote."""
    values = json.loads(text)
    if "near" in values:
        values["near"] = Point(*values["near"])
    if "details" in values:
        values["details"] = tuple(DetailFilter(*each) for each in values["details"])
    return SearchRequest(**values)
