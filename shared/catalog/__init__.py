"""The browse read model: what is on view, by place and category, newest first. A copy; the listings are the truth.

It is split by city. Every verb tolerates news that come late, twice or out of order, because a revision decides.
"""

from shared.catalog.actions import apply, apply_all, forget_tombstones, remove
from shared.catalog.calendar import crowded, oldest, published_between
from shared.catalog.entries import Entry, entry_of
from shared.catalog.queries import PAGE, CatalogRow, Cursor, Page, Scope, page, rows_by_ids, similar, titled
from shared.catalog.upkeep import Repaired, reconcile, refresh

__all__ = [
    "PAGE",
    "CatalogRow",
    "Cursor",
    "Entry",
    "Page",
    "Repaired",
    "Scope",
    "apply",
    "apply_all",
    "crowded",
    "entry_of",
    "forget_tombstones",
    "oldest",
    "page",
    "published_between",
    "remove",
    "reconcile",
    "refresh",
    "rows_by_ids",
    "similar",
    "titled",
]
