"""From listings to documents: what the indexer puts into the index for a change, and what a rebuild reads."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from heapq import merge
from operator import attrgetter
from typing import Any

from shared import categories, places, sharding
from shared.categories import Category, Field
from shared.events import ListingRemoved, ListingSold, ListingUpdated, NewListingCreated, feed_end
from shared.ids import owner_of
from shared.listings.documents import SearchDocument, published_after, search_document
from shared.search.port import MAX_NUMBER, Change, Delete, Detail, Document, Upsert

# The events after which a listing's row has to be looked at.
TELLING = (NewListingCreated, ListingUpdated, ListingSold, ListingRemoved)
_TYPES = {"text": str, "choice": str, "date": str, "boolean": bool, "integer": int, "year": int}


def changes_of(listings: Iterable[int]) -> list[Change]:
    """What the index must do so that it agrees with the present rows of these listings."""
    by_owner: defaultdict[int, set[int]] = defaultdict(set)
    for listing in listings:
        by_owner[owner_of(listing)].add(listing)
    found: list[Change] = []
    for owner, theirs in by_owner.items():
        with sharding.read(owner) as session:
            found += [_change(listing, search_document(session, listing)) for listing in sorted(theirs)]
    return found


def all_documents(at_once: int = 1000) -> Iterator[Document]:
    """Every listing on view in the order of their ids, read in pages: memory does not grow with their number.

    None comes twice. One that moves to another shard meanwhile may be left out.
    """
    shards = [_on_view(shard, at_once) for shard in sharding.current().names("user")]
    previous = 0
    for listing in merge(*shards, key=attrgetter("id")):
        document = document_of(listing) if listing.id != previous else None
        previous = listing.id
        if document is not None:
            yield document


def _on_view(shard: str, at_once: int) -> Iterator[SearchDocument]:
    after = 0
    while page := published_after(shard, after, at_once):
        yield from page
        after = page[-1].id


def feed_positions() -> dict[str, int]:
    """The ends of all feeds. Read them before `all_documents` and replay from them after it."""
    return {shard: feed_end(shard) for shard in sharding.current().names("user")}


def document_of(listing: SearchDocument) -> Document | None:
    """The document of a listing on view; None when its place or category is no longer known."""
    city = places.find(listing.city)
    category = categories.TREE.get(listing.category)
    if city is None or category is None:
        return None
    return Document(
        listing=listing.id,
        revision=listing.revision,
        title=listing.title,
        body=listing.body,
        city=listing.city,
        region=city.region,
        country=city.country,
        category=listing.category,
        section=categories.section_of(category).slug,
        price={"amount": listing.price_amount, "free": 0}.get(listing.price_kind),
        currency=listing.price_currency if listing.price_kind == "amount" else None,
        has_photo=listing.photo_count > 0,
        condition=listing.condition,
        lat=city.lat if listing.lat is None else listing.lat,
        lon=city.lon if listing.lon is None else listing.lon,
        posted_at=listing.published_at,
        details=dict(_details(category, listing.fields)),
    )


def _details(category: Category, values: Mapping[str, Any]) -> Iterator[tuple[str, Detail]]:
    """The values of the category's own fields; what the tree does not allow, or no longer, is left out."""
    for field in category.fields:
        value = _detail(field, values.get(field.key))
        if value is not None:
            yield field.key, value


def _detail(field: Field, value: Any) -> Detail | None:
    fits: bool = type(value) is _TYPES[field.kind]
    if not fits:
        return None
    if field.kind == "date":
        digits = value.replace("-", "")
        return int(digits) if len(digits) == 8 and digits.isdecimal() else None
    if field.kind == "choice":
        return value if value in field.choices else None
    if field.kind in ("integer", "year"):
        return value if 0 <= value <= MAX_NUMBER else None
    return value  # type: ignore[no-any-return]


def _change(listing: int, row: SearchDocument | None) -> Change:
    document = None if row is None else document_of(row)
    return Delete(listing) if document is None else Upsert(document)
