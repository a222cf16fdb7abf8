"""How many of all hits lie in each part of what was asked for, in whole arrays."""

from collections import Counter

import numpy as np

from shared.search.matching import Matches
from shared.search.port import Facets, SearchRequest


def facets(matches: list[Matches], request: SearchRequest) -> Facets:
    """The counts one level below what the request narrows to; Facets says which those are."""
    placed = request.city is not None or request.region is not None
    return Facets(
        sections=_words(matches, "section") if not (request.section or request.category) else {},
        categories=_words(matches, "category") if request.section and not request.category else {},
        countries=_words(matches, "country") if not (placed or request.country) else {},
        regions=_words(matches, "region") if request.country and not placed else {},
        cities=_cities(matches) if request.region and not request.city else {},
    )


def _words(matches: list[Matches], name: str) -> dict[str, int]:
    """Counts by word. Each segment numbers the words in its own way, so they meet by their text."""
    total: Counter[bytes] = Counter()
    for each in matches:
        words = each.segment.vocabulary(name)
        counts = np.bincount(each.segment.words(name, "")[0][each.documents], minlength=len(words))
        codes = np.flatnonzero(counts)
        total.update(dict(zip([words[code] for code in codes.tolist()], counts[codes].tolist(), strict=True)))
    return {word.decode("utf-8", "replace"): count for word, count in total.items()}


def _cities(matches: list[Matches]) -> dict[int, int]:
    total: Counter[int] = Counter()
    for each in matches:
        cities, counts = np.unique(each.segment.numbers("city")[each.documents], return_counts=True)
        total.update(dict(zip(cities.tolist(), counts.tolist(), strict=True)))
    return dict(total)
