"""What is asked for speed: classes of questions over the filters, a day's mix of them, and changes between."""

import random
from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate, combinations
from typing import Any, NamedTuple

from benchmarks.search.listings import MONTH, NOW
from benchmarks.search.metric import with_typo
from shared import ids
from shared.search import Change, Delete, Document, Point, SearchRequest, Sort, Upsert

PAGE = 20
UNFILTERED, DISTANCE = "A text", "distance"
_TYPOS, _IN_A_CITY, _LATER_PAGES = 0.2, 0.7, 0.1
# Owners of listings that appear while measuring.
_NEW_OWNERS = 1_000_000


class Question(NamedTuple):
    """A request, and whether any of its words will do."""

    request: SearchRequest
    any_word: bool = False


def classes(text: str, like: Document) -> dict[str, Question]:
    """One question in each class; filters are such that `like` passes."""
    asked = SearchRequest(text, limit=PAGE)
    filters = _filters(like)
    everything = {name: value for each in filters.values() for name, value in each.items()}
    return {
        UNFILTERED: Question(asked),
        "B city": Question(replace(asked, **filters["city"])),
        "C all filters": Question(replace(asked, **everything)),
        "D newest": Question(replace(asked, sort=Sort.NEWEST)),
        "E price, city": Question(replace(asked, sort=Sort.PRICE_ASC, **filters["city"])),
        "F counts": Question(replace(asked, facets=True)),
        "G any word": Question(asked, any_word=True),
        "H rank 500": Question(replace(asked, offset=500)),
    }


def combined(text: str, like: Document) -> dict[str, Question]:
    """The question with every combination of filters, and with none. Distance is one that the peers do not know."""
    filters = _filters(like)
    if like.lat is not None and like.lon is not None:
        filters[DISTANCE] = {"near": Point(like.lat, like.lon), "within_km": 50.0}
    names = [names for size in range(len(filters) + 1) for names in combinations(filters, size)]
    return {
        " + ".join(chosen): Question(
            SearchRequest(text, limit=PAGE, **{key: value for name in chosen for key, value in filters[name].items()})
        )
        for chosen in names
    }


def _filters(like: Document) -> dict[str, dict[str, Any]]:
    price = 5_000 if like.price is None else like.price
    return {
        "city": {"city": like.city},
        "category": {"category": like.category},
        "price": {"price_min": price // 2, "price_max": price * 2},
        "photo": {"has_photo": True},
        "since": {"since": NOW - MONTH // 2},
    }


def mixed(texts: Sequence[str], listings: Sequence[Document], count: int, chance: random.Random) -> list[SearchRequest]:
    """`count` requests as visitors make them: few texts are asked often (Zipf), some with a typo, most in a city."""
    weights = list(accumulate(1 / (rank + 1) for rank in range(len(texts))))
    return [
        _visit(text, chance.choice(listings), chance)
        for text in chance.choices(chance.sample(texts, len(texts)), cum_weights=weights, k=count)
    ]


def _visit(text: str, like: Document, chance: random.Random) -> SearchRequest:
    if chance.random() < _TYPOS:
        text = with_typo(text, chance)
    odds = {"city": _IN_A_CITY, "category": 0.2, "price": 0.2, "photo": 0.1, "since": 0.1}
    chosen = {name: values for name, values in _filters(like).items() if chance.random() < odds[name]}
    return SearchRequest(
        text,
        sort=chance.choices((Sort.RELEVANCE, Sort.NEWEST, Sort.PRICE_ASC), (75, 15, 10))[0],
        facets=True,
        offset=PAGE * chance.randrange(1, 5) if chance.random() < _LATER_PAGES else 0,
        limit=PAGE,
        **{key: value for values in chosen.values() for key, value in values.items()},
    )


def changes(listings: Sequence[Document], number: int, chance: random.Random) -> list[Change]:
    """The `number`th commit: forty listings edited, five gone, five new ones."""
    edited = [
        replace(each, revision=2 + number, title=chance.choice(listings).title) for each in chance.sample(listings, 40)
    ]
    gone: list[Change] = [Delete(each.listing) for each in chance.sample(listings, 5)]
    new = [
        replace(each, listing=ids.compose(_NEW_OWNERS + number, at), posted_at=NOW)
        for at, each in enumerate(chance.sample(listings, 5), 1)
    ]
    return [*gone, *map(Upsert, edited), *map(Upsert, new)]
