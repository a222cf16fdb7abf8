"""The order of hits: the same request over the same listings gives the same one."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from shared.search.distance import haversines
from shared.search.matching import Matches
from shared.search.port import Hit, Point, SearchRequest, Sort
from shared.search.schema import NO_PRICE, NORTHERNMOST

_LARGEST = 2**62


def count(matches: list[Matches]) -> int:
    """How many documents matched, over all segments."""
    return sum(len(each.documents) for each in matches)


def ordered(matches: list[Matches], request: SearchRequest) -> list[Hit]:
    """The hits in the request's window, in its order."""
    start, stop = request.window
    if stop <= start or not count(matches):
        return []
    sort = _sort(request)
    rank = np.concatenate([_rank(each, sort, request.near) for each in matches])
    listing, city, posted = (
        np.concatenate([each.segment.numbers(name)[each.documents] for each in matches])
        for name in ("listing", "city", "posted_at")
    )
    best: NDArray[Any] = np.arange(len(rank))
    if len(rank) > stop:
        # Keep ties at the edge, so that the order below decides between them and not the partition.
        best = np.flatnonzero(rank >= np.partition(rank, len(rank) - stop)[len(rank) - stop])
    order = best[np.lexsort((listing[best], posted[best], rank[best]))[::-1]][start:stop]
    return [Hit(*pair) for pair in zip(listing[order].tolist(), city[order].tolist(), strict=True)]


def _sort(request: SearchRequest) -> Sort:
    """The order asked for, or the newest first where there is nothing to tell it by."""
    untold = {Sort.RELEVANCE: not request.text.strip(), Sort.NEAREST: request.near is None}
    return Sort.NEWEST if untold.get(request.sort) else request.sort


def _rank(matches: Matches, sort: Sort, near: Point | None) -> NDArray[Any]:
    """A number that is higher for what comes first."""
    if sort is Sort.RELEVANCE:
        return matches.scores
    if sort is Sort.NEWEST:
        return matches.segment.numbers("posted_at")[matches.documents].astype(np.int64)
    if near is not None and sort is Sort.NEAREST:
        return _nearness(matches, near)
    prices = matches.segment.numbers("price")[matches.documents]
    if sort is Sort.PRICE_DESC:
        return prices
    return np.where(prices == NO_PRICE, -_LARGEST, -prices)


def _nearness(matches: Matches, near: Point) -> NDArray[np.float32]:
    lat, lon = (matches.segment.numbers(name)[matches.documents] for name in ("lat", "lon"))
    return np.where(lat > NORTHERNMOST, -np.inf, -haversines(near, lat, lon)).astype(np.float32)
