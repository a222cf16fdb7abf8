"""Answers to a question: the engine names the listings, the catalogue has the last word on each."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote_plus

from flask import current_app, request

from public_app.browse.rows import ListingRow, listing_rows
from shared import catalog, categories, places
from shared.places import Place
from shared.search import Facets, IndexUnavailable, SearchIndex

from .question import LAST_PAGE, Question

logger = logging.getLogger(__name__)
# Parts of a kind that a page names, those with the most results.
_PARTS = 12
_SUGGESTIONS = 8


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the results: what it is called, how many it has, and its address."""

    name: str
    count: int
    address: str


@dataclass(frozen=True, slots=True)
class Results:
    """A page of answers. `total` is None while the index is away; `corrected` is the text searched for instead.

    `missing` are words that no listing has; `categories` and `places` are the parts that the results fall into.
    """

    rows: list[ListingRow]
    total: int | None
    next_page: int | None
    corrected: str | None = None
    matched_any: bool = False
    missing: tuple[str, ...] = ()
    categories: tuple[Part, ...] = ()
    places: tuple[Part, ...] = ()


def find(asked: Question, *, photos: bool = False) -> Results:
    """Ask the engine, or look through the newest titles while it is away. Rows have photos if asked for.

    Raises Throttled for a network that asks too fast.
    """
    current_app.extensions["search_pace"].count(request)
    index: SearchIndex = current_app.extensions["search_index"]
    try:
        page = index.search(asked.request())
    except IndexUnavailable as error:
        logger.warning("the search index does not answer: %s", error.message)
        return _by_titles(asked, photos)
    rows = catalog.rows_by_ids((hit.city, hit.listing) for hit in page.hits)
    more = page.more and asked.page < LAST_PAGE
    facets = page.facets or Facets()
    return Results(
        _shown(asked, rows, photos),
        page.total,
        asked.page + 1 if more else None,
        page.corrected,
        page.matched == "any",
        page.missing,
        _category_parts(asked, facets),
        _place_parts(asked, facets),
    )


def _category_parts(asked: Question, facets: Facets) -> tuple[Part, ...]:
    counted = _most({**facets.sections, **facets.categories})
    return _parts(asked, "category", [(categories.get(slug).name, slug, count) for slug, count in counted])


def _place_parts(asked: Question, facets: Facets) -> tuple[Part, ...]:
    found: list[tuple[Place | None, int]] = [
        *((places.country(code), count) for code, count in _most(facets.countries)),
        *((places.region(code), count) for code, count in _most(facets.regions)),
        *((places.find(city), count) for city, count in _most(facets.cities)),
    ]
    return _parts(asked, "place", [(place.name, place.path, count) for place, count in found if place])


def _parts(asked: Question, parameter: str, counted: list[tuple[str, str, int]]) -> tuple[Part, ...]:
    """The parts that give `parameter` another value: (name, value, count)."""
    address = asked.address(**{parameter: None})
    address += "&" if "?" in address else "?"
    return tuple(Part(name, count, f"{address}{parameter}={quote_plus(value)}") for name, value, count in counted)


def _most(counts: Mapping[Any, int]) -> list[tuple[Any, int]]:
    """The parts with the most results, the largest first. One part alone is everything, and no choice."""
    if len(counts) < 2:
        return []
    return sorted(counts.items(), key=lambda part: (-part[1], part[0]))[:_PARTS]


def _by_titles(asked: Question, photos: bool) -> Results:
    scope = catalog.Scope.of(asked.place, asked.category)
    words = [word for word in asked.text.replace('"', " ").split() if not word.startswith("-")]
    return Results(_shown(asked, catalog.titled(scope, words, asked.per_page), photos), None, None)


def _shown(asked: Question, rows: list[catalog.CatalogRow], photos: bool) -> list[ListingRow]:
    return listing_rows(rows, within="region" if asked.place and asked.place.kind != "country" else "", photos=photos)


def suggestions(typed: str) -> list[str]:
    """How a question that is being typed may go on: names of categories, then words of the listings."""
    if len(typed) < 2:
        return []
    index: SearchIndex = current_app.extensions["search_index"]
    named = [category.name for category in categories.beginning(typed)]
    try:
        return [*named, *index.suggest(typed, _SUGGESTIONS - len(named))]
    except IndexUnavailable:
        return named
