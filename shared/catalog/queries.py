"""Reading the catalogue: pages of a scope, rows by id, listings like another one.

Each browse statement is one index range, read newest first until LIMIT. For MariaDB the index is named, so that no
statistics make it sort instead; SQLite keeps none (nothing runs ANALYZE). A page costs the same at a million listings.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from operator import attrgetter
from typing import Any, NamedTuple

from sqlalchemy import Integer, Row, Select, bindparam, select, type_coerce

from shared import clock, places
from shared.catalog import keys
from shared.catalog.models import LISTINGS as _TABLE
from shared.catalog.models import PREFIXES
from shared.categories import Category
from shared.places import Place
from shared.sharding import concatenate, fan_out, glance, keyset_merge

PAGE = 50
_LOOKED_THROUGH = 1000
CatalogRow = Row[Any]
Cursor = tuple[int, int]
# What rows show, and no more: every column of every row costs. The flag comes as the number that it is in the table.
_SHOWN = (
    *(
        _TABLE.c[name]
        for name in (
            "city", "listing", "public_id", "category", "title", "price_kind", "price_amount", "price_currency",
            "photo_jpg", "photo_avif", "photo_width", "photo_height", "created_at",
        )
    ),
    type_coerce(_TABLE.c.reserved, Integer).label("reserved"),
)  # fmt: skip
_FIRST: Cursor = (1 << 62, 1 << 62)
_newest_first = attrgetter("created_at", "listing")


class Scope(NamedTuple):
    """What a browse page is about: everything, or one place, or one category, or both; "" and 0 mean any."""

    country: str = ""
    region: str = ""
    city: int = 0
    section: str = ""
    category: str = ""

    @classmethod
    def of(cls, place: Place | None = None, category: Category | None = None) -> "Scope":
        """The scope of a page about this place and this category or section."""
        named: dict[str, Any] = {}
        if place is not None:
            named[place.kind] = {"country": place.country, "region": place.region, "city": place.id}[place.kind]
        if category is not None:
            named["category" if category.parent else "section"] = category.slug
        return cls(**named)


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of one page, newest first; `next` is the cursor of the following page, None on the last."""

    rows: list[CatalogRow]
    next: Cursor | None


def _browse(index: str, prefix: tuple[str, ...]) -> Select[Any]:
    statement = (
        select(*_SHOWN)
        .where(*(_TABLE.c[name] == bindparam(name) for name in prefix))
        # Not a row value: MariaDB reads no range by one. Ties of a second are few, and are filtered.
        .where(_TABLE.c.created_at <= bindparam("created_at"))
        .where((_TABLE.c.created_at < bindparam("created_at")) | (_TABLE.c.listing < bindparam("listing")))
        .where(_TABLE.c.expires_at > bindparam("now"))
        .order_by(_TABLE.c.created_at.desc(), _TABLE.c.listing.desc())
        .limit(bindparam("limit"))
    )
    forced = f"FORCE INDEX ({index})"
    return statement.with_hint(_TABLE, forced, "mysql").with_hint(_TABLE, forced, "mariadb")


_BROWSE = {frozenset(prefix): _browse(index, prefix) for index, prefix in PREFIXES.items()}
_BY_IDS = select(*_SHOWN).where(keys.one_of(_TABLE), _TABLE.c.expires_at > bindparam("now"))


def page(scope: Scope, after: Cursor | None = None, limit: int = PAGE) -> Page:
    """The `limit` newest listings of a scope, or those that follow `after`, the (created_at, listing) of a last row.

    A city is one range on one shard; any other scope is one range on each catalogue shard, merged.
    """
    named = {name: value for name, value in zip(Scope._fields, scope, strict=True) if value}
    created_at, listing = after or _FIRST
    parameters = {**named, "created_at": created_at, "listing": listing, "now": clock.now(), "limit": limit + 1}
    statement = _BROWSE[frozenset(named)]
    if scope.city:
        with glance(scope.city, keyspace="city") as session:
            rows = list(session.execute(statement, parameters))
    else:
        rows = fan_out(statement, parameters, keyspace="city", merge=keyset_merge(_newest_first, limit + 1))
    more = len(rows) > limit
    return Page(rows[:limit], (rows[limit - 1].created_at, rows[limit - 1].listing) if more else None)


def rows_by_ids(wanted: Iterable[tuple[int, int]]) -> list[CatalogRow]:
    """The rows of these (city, listing) pairs that are on view, in the order asked for; others are left out."""
    pairs = list(wanted)
    found = [row for run in keys.in_turn(pairs) for row in _of_keys(run)]
    rows = {(row.city, row.listing): row for row in found}
    return [rows[pair] for pair in pairs if pair in rows]


def _of_keys(pairs: Sequence[tuple[int, int]]) -> list[CatalogRow]:
    parameters = {**keys.parameters(pairs), "now": clock.now()}
    cities = {city for city, _ in pairs}
    return fan_out(_BY_IDS, parameters, keyspace="city", keys=cities, merge=concatenate)


def titled(scope: Scope, words: Iterable[str], limit: int) -> list[CatalogRow]:
    """Listings of a scope with every word in the title, among its newest thousand: what is left without an index."""
    folded = [places.fold(word) for word in words]
    titles = ((row, places.fold(row.title)) for row in page(scope, limit=_LOOKED_THROUGH).rows)
    return list(islice((row for row, title in titles if all(word in title for word in folded)), limit))


def similar(city: int, category: str, exclude: int, limit: int = 6) -> list[CatalogRow]:
    """The newest listings of the category in the city, then in its region, then in its country, without `exclude`.

    Wider places are asked only while there are fewer than `limit`: three statements at most.
    """
    found: dict[int, CatalogRow] = {}
    for scope in _ever_wider(city, category):
        # One more than wanted, for `exclude`. What of it was found before already fills as many of the places.
        found |= {row.listing: row for row in page(scope, limit=limit + 1).rows if row.listing not in (exclude, *found)}
        if len(found) >= limit:
            break
    return list(found.values())[:limit]


def _ever_wider(city: int, category: str) -> Iterator[Scope]:
    yield Scope(city=city, category=category)
    if place := places.find(city):
        yield Scope(region=place.region, category=category)
        yield Scope(country=place.country, category=category)
