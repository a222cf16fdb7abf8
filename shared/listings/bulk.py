"""Many published listings at once, for imports and demo data: the rules and rows of `publish`, without its mails."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert

from shared import categories
from shared.events import NewListingCreated
from shared.events.relay import append_settled
from shared.listings.details import Details, check
from shared.listings.documents import SearchDocument, thumb
from shared.listings.models import Listing, Photo
from shared.sharding import Family, bulk, by_shard, table_of, take_many

_DAY = 86_400


@dataclass(frozen=True, slots=True)
class Picture:
    """A stored photo: the size of its largest variant, and its manifest."""

    width: int
    height: int
    variants: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Offer:
    """A listing to be published as of `published_at` (UTC seconds)."""

    owner: int
    seller_name: str
    category: str
    details: Details
    pictures: Sequence[Picture]
    published_at: int


def publish_many(offers: Sequence[Offer]) -> list[SearchDocument]:
    """Publish every offer, one transaction for each shard; returns them as the catalogue and the index need them.

    Raises Invalid for the first offer that breaks a rule, before anything of its shard is written. The events are
    settled: the caller keeps the catalogue and rebuilds the index himself.
    """
    documents: list[SearchDocument] = []
    for shard, owners in by_shard("user", {offer.owner for offer in offers}).items():
        mine = set(owners)
        documents += _publish(shard, [offer for offer in offers if offer.owner in mine])
    return documents


def _publish(shard: str, offers: list[Offer]) -> list[SearchDocument]:
    columns = [check(categories.get(offer.category), offer.details) for offer in offers]
    with bulk(shard, "user", {offer.owner for offer in offers}) as session:
        counts = Counter(offer.owner for offer in offers)
        ids = {owner: iter(taken) for owner, taken in take_many(session, Family.LISTING, counts).items()}
        rows = [_row(next(ids[offer.owner]), offer, each) for offer, each in zip(offers, columns, strict=True)]
        pictured = Counter({owner: n for owner, n in _pictures_of(offers).items() if n})
        photo_ids = {owner: iter(taken) for owner, taken in take_many(session, Family.PHOTO, pictured).items()}
        photos = [
            _photo(next(photo_ids[offer.owner]), row, position, picture)
            for offer, row in zip(offers, rows, strict=True)
            for position, picture in enumerate(offer.pictures)
        ]
        connection = session.connection()
        connection.execute(insert(table_of(Listing)), rows)
        if photos:
            connection.execute(insert(table_of(Photo)), photos)
        append_settled(session, [(row["owner"], _event(row), row["published_at"]) for row in rows])
    return [_document(row, offer) for row, offer in zip(rows, offers, strict=True)]


def _pictures_of(offers: Sequence[Offer]) -> Counter[int]:
    counts: Counter[int] = Counter()
    for offer in offers:
        counts[offer.owner] += len(offer.pictures)
    return counts


def _row(id: int, offer: Offer, columns: dict[str, Any]) -> dict[str, Any]:
    lifetime = categories.get(offer.category).lifetime_days * _DAY
    return {
        "id": id,
        "owner": offer.owner,
        "state": "published",
        "revision": 1,
        "category": offer.category,
        "seller_name": offer.seller_name,
        "photo_count": len(offer.pictures),
        "created_at": offer.published_at,
        "updated_at": offer.published_at,
        "published_at": offer.published_at,
        "expires_at": offer.published_at + lifetime,
        "ended_at": None,
        "negotiable": offer.details.negotiable,
        **columns,
    }


def _photo(id: int, row: dict[str, Any], position: int, picture: Picture) -> dict[str, Any]:
    return {
        "id": id,
        "owner": row["owner"],
        "listing": row["id"],
        "position": position,
        "width": picture.width,
        "height": picture.height,
        "alt": "",
        "variants": picture.variants,
        "created_at": row["published_at"],
    }


def _event(row: dict[str, Any]) -> NewListingCreated:
    return NewListingCreated(row["id"], row["revision"], row["city"], row["category"])


def _document(row: dict[str, Any], offer: Offer) -> SearchDocument:
    wanted = {name: row[name] for name in SearchDocument.__dataclass_fields__ if name != "thumb"}
    return SearchDocument(**wanted, thumb=thumb(offer.pictures[0].variants) if offer.pictures else None)
