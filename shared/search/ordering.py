"""The order of hits: the same request over the same listings gives the same one."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from shared.search.matching import Matches
from shared.search.port import Hit, Sort
from shared.search.schema import NO_PRICE

_LARGEST = 2**62


def count(matches: list[Matches]) -> int:
    """How many documents matched, over all segments."""
    return sum(len(each.documents) for each in matches)


def ordered(matches: list[Matches], sort: Sort, start: int, stop: int) -> list[Hit]:
    """The hits ranked from `start` to `stop`. The same request over the same listings gives the same order."""
    if stop <= start or not count(matches):
        return []
    rank = np.concatenate([_rank(each, sort) for each in matches])
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


def _rank(matches: Matches, sort: Sort) -> NDArray[Any]:
    """A number that is higher for what comes first."""
    if sort is Sort.RELEVANCE:
        return matches.scores
    if sort is Sort.NEWEST:
        return matches.segment.numbers("posted_at")[matches.documents].astype(np.int64)
    prices = matches.segment.numbers("price")[matches.documents]
    if sort is Sort.PRICE_DESC:
        return prices
    return np.where(prices == NO_PRICE, -_LARGEST, -prices)
