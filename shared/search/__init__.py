"""Search: the questions visitors ask, and the index that answers them with ids.

`open_index(settings)` gives the engine; everything outside sees only the port. No queries over listings here: the
indexer gets documents from `listings`, and a result page gets its rows from `catalog` by the ids found.
"""

from shared.search.errors import IndexBusy, IndexUnavailable, InvalidDocument, StaleCursor
from shared.search.port import (
    MAX_DEPTH,
    MAX_LIMIT,
    Change,
    Cursor,
    Delete,
    Document,
    Health,
    Hit,
    Page,
    SearchIndex,
    SearchRequest,
    Sort,
    Upsert,
)

__all__ = [
    "MAX_DEPTH",
    "MAX_LIMIT",
    "Change",
    "Cursor",
    "Delete",
    "Document",
    "Health",
    "Hit",
    "IndexBusy",
    "IndexUnavailable",
    "InvalidDocument",
    "Page",
    "SearchIndex",
    "SearchRequest",
    "Sort",
    "StaleCursor",
    "Upsert",
]
