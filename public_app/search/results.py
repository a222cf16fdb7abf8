"""Answers to a question: the engine names the listings, the catalogue has the last word on each."""

import logging
from dataclasses import dataclass

from flask import current_app, request

from public_app.browse.rows import ListingRow, listing_rows
from shared import catalog
from shared.search import IndexUnavailable, SearchIndex

from .question import LAST_PAGE, Question

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Results:
    """A page of answers. `total` is None while the index is away; `corrected` is the text searched for instead."""

    rows: list[ListingRow]
    total: int | None
    next_page: int | None
    corrected: str | None = None
    matched_any: bool = False


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
    return Results(
        _shown(asked, rows, photos), page.total, asked.page + 1 if more else None, page.corrected, page.matched == "any"
    )


def _by_titles(asked: Question, photos: bool) -> Results:
    scope = catalog.Scope.of(asked.place, asked.category)
    return Results(_shown(asked, catalog.titled(scope, asked.text.split(), asked.per_page), photos), None, None)


def _shown(asked: Question, rows: list[catalog.CatalogRow], photos: bool) -> list[ListingRow]:
    return listing_rows(rows, within="region" if asked.place and asked.place.kind != "country" else "", photos=photos)
