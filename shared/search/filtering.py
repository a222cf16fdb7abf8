"""Which documents a request's filters let through, in whole arrays."""

from collections.abc import Callable, Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from shared.search import distance
from shared.search.port import DetailFilter, Point, SearchRequest
from shared.search.schema import DETAIL_NUMBERS, NORTHERNMOST, detail_term
from shared.search.segments import Documents, Segment

_LARGEST = 2**62
Mask = NDArray[np.bool_]
# Which of some documents pass a filter.
Condition = Callable[[Documents], Mask]


def conditions(segment: Segment, request: SearchRequest) -> Iterator[Condition]:
    """A condition for each filter of a request, those that usually leave the fewest first."""
    if request.city is not None:
        yield _between(segment, "city", request.city, request.city)
    for name in ("category", "region", "section", "country", "condition"):
        if (value := getattr(request, name)) is not None:
            yield _has_word(segment, name, value)
    for detail in request.details:
        yield from _detail(segment, detail)
    yield from _price(segment, request)
    if request.since is not None:
        yield _between(segment, "posted_at", request.since, _LARGEST)
    if request.has_photo:
        yield _between(segment, "has_photo", 1, 1)
    if request.near is not None and request.within_km is not None:
        yield from _circle(segment, request.near, request.within_km)


def passing(documents: Documents, conditions: Iterable[Condition]) -> Documents:
    """Those of some documents that meet every condition; each sees what met those before."""
    for meets in conditions:
        documents = documents[meets(documents)]
    return documents


def _price(segment: Segment, request: SearchRequest) -> Iterator[Condition]:
    low, high = request.price_min, request.price_max
    if low is None and high is None:
        return
    yield _between(segment, "price", max(low or 0, 0), _LARGEST if high is None else high)
    if request.currency is not None:
        prices, in_currency = segment.numbers("price"), _has_word(segment, "currency", request.currency)
        yield lambda documents: in_currency(documents) | (prices[documents] == 0)


def _detail(segment: Segment, wanted: DetailFilter) -> Iterator[Condition]:
    value = wanted.value
    if isinstance(value, (str, bool)):
        yield _among(segment, segment.having(detail_term(wanted.key, value)))
        return
    low, high = (wanted.minimum, wanted.maximum) if value is None else (value, value)
    if low is None and high is None:
        return
    if wanted.key not in DETAIL_NUMBERS:
        yield _nothing
    else:
        # The column holds the number plus one, and 0 where there is none.
        column = DETAIL_NUMBERS[wanted.key]
        yield _between(segment, column, max(low or 0, 0) + 1, _LARGEST if high is None else high + 1)


def _circle(segment: Segment, near: Point, km: float) -> Iterator[Condition]:
    lat, lon = segment.numbers("lat"), segment.numbers("lon")
    reach, farthest = distance.degrees_of(km), distance.haversine_of(km)
    # The band of latitudes is cheap to tell, and leaves few to measure.
    south, north = max(near.lat - reach, -NORTHERNMOST), min(near.lat + reach, NORTHERNMOST)
    yield lambda documents: (lat[documents] >= south) & (lat[documents] <= north)
    yield lambda documents: distance.haversines(near, lat[documents], lon[documents]) <= farthest


def _between(segment: Segment, name: str, low: int, high: int) -> Condition:
    column, lowest, highest = segment.numbers(name), _bounded(low), _bounded(high)

    def passes(documents: Documents) -> Mask:
        values = column[documents]
        return np.asarray((values >= lowest) & (values <= highest))

    return passes


def _has_word(segment: Segment, name: str, value: str) -> Condition:
    numbers, wanted = segment.words(name, value)
    return _nothing if wanted is None else lambda documents: np.asarray(numbers[documents] == wanted)


def _among(segment: Segment, wanted: Documents) -> Condition:
    mask = np.zeros(segment.size, np.bool_)
    mask[wanted] = True
    return lambda documents: mask[documents]


def _nothing(documents: Documents) -> Mask:
    return np.zeros(len(documents), np.bool_)


def _bounded(value: int) -> int:
    """Any whole number, as one that fits a column's comparison without changing its outcome."""
    return max(-_LARGEST, min(_LARGEST, value))
