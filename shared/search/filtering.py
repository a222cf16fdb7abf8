"""Which documents a request's filters let through, in whole arrays."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from shared.search.port import SearchRequest
from shared.search.schema import NO_PRICE
from shared.search.segments import Documents, Segment

_LARGEST = 2**62


def conditions(segment: Segment, documents: Documents, request: SearchRequest) -> Iterator[NDArray[np.bool_] | bool]:
    """For each filter of the request, which of the documents pass."""
    if request.city is not None:
        yield segment.numbers("city")[documents] == _bounded(request.city)
    for name in ("country", "region", "section", "category", "condition"):
        value = getattr(request, name)
        if value is not None:
            yield _has_word(segment, documents, name, value)
    if request.has_photo:
        yield segment.numbers("has_photo")[documents] > 0
    if request.since is not None:
        yield segment.numbers("posted_at")[documents] >= _bounded(request.since)
    yield from _price(segment, documents, request)


def _price(segment: Segment, documents: Documents, request: SearchRequest) -> Iterator[NDArray[np.bool_] | bool]:
    bounds = (request.price_min, request.price_max)
    if bounds == (None, None):
        return
    prices = segment.numbers("price")[documents]
    yield prices != NO_PRICE
    if request.price_min is not None:
        yield prices >= _bounded(request.price_min)
    if request.price_max is not None:
        yield prices <= _bounded(request.price_max)
    if request.currency is not None:
        yield _has_word(segment, documents, "currency", request.currency) | (prices == 0)


def _has_word(segment: Segment, documents: Documents, name: str, value: str) -> NDArray[np.bool_]:
    numbers, wanted = segment.words(name, value)
    if wanted is None:
        return np.zeros(len(documents), np.bool_)
    return np.asarray(numbers[documents] == wanted)


def _bounded(value: int) -> int:
    """Any whole number, as one that fits a column's comparison without changing its outcome."""
    return max(-_LARGEST, min(_LARGEST, value))
