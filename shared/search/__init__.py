"""Search: the questions visitors ask, and the index that answers them with ids.

`open_index(settings)` gives the engine; everything outside sees only the port. No queries over listings here: the
indexer gets documents from `listings`, and a result page gets its rows from `catalog` by the ids found.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from shared.search.errors import NO_INDEX_YET, IndexBusy, IndexUnavailable, InvalidDocument, InvalidWords, StaleCursor
from shared.search.port import (
    MAX_DEPTH,
    MAX_LIMIT,
    Change,
    Cursor,
    Delete,
    Detail,
    DetailFilter,
    Document,
    Facets,
    Health,
    Hit,
    Page,
    Point,
    SearchIndex,
    SearchRequest,
    Sort,
    Upsert,
)

if TYPE_CHECKING:
    from shared.config import Settings

__all__ = [
    "MAX_DEPTH",
    "MAX_LIMIT",
    "NO_INDEX_YET",
    "Change",
    "Cursor",
    "Delete",
    "Detail",
    "DetailFilter",
    "Document",
    "Facets",
    "Health",
    "Hit",
    "IndexBusy",
    "IndexUnavailable",
    "InvalidDocument",
    "InvalidWords",
    "Page",
    "Point",
    "SearchIndex",
    "SearchRequest",
    "Sort",
    "StaleCursor",
    "Upsert",
    "open_index",
    "words_path",
]


def open_index(settings: "Settings") -> SearchIndex:
    """The search engine of this installation. Make one for each process and keep it; it opens its files when asked."""
    from shared.search.whoosh_index import WhooshIndex  # an array library and an engine: only who searches loads them

    return WhooshIndex(settings.var / "index", words_path(settings))


def words_path(settings: "Settings") -> Path:
    """Where the operator's synonyms and compounds of this installation lie; the file need not exist."""
    return settings.var / "search" / "words.toml"
