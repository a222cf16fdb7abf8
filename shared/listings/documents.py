"""A listing as its copies need it: one frozen row for the search index and the catalogue."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, bindparam, func, select
from sqlalchemy.orm import Session

from shared.listings.changes import ON_VIEW
from shared.listings.models import Listing, Photo
from shared.sharding import OwnerSession, on_shard
from shared.sharding.scatter import visible

_LISTING, _PHOTO = Listing.__table__, Photo.__table__
_ONE = select(_LISTING).where(_LISTING.c.owner == bindparam("mine"), _LISTING.c.id == bindparam("listing"))
_COVER = select(_PHOTO.c.listing, _PHOTO.c.variants).where(
    _PHOTO.c.owner == bindparam("mine"), _PHOTO.c.listing == bindparam("listing"), _PHOTO.c.position == 0
)
_SCAN = (
    select(_LISTING)
    .where(
        _LISTING.c.id > bindparam("after"),
        # A state that no index knows: by the index of states each page would read, and sort, all that is on view.
        func.coalesce(_LISTING.c.state, "").in_(sorted(ON_VIEW)),
    )
    .order_by(_LISTING.c.id)
    .limit(bindparam("limit"))
)
# Listings by id are listings by owner: one range of the index of photos, where two lists would be tried in every pair.
_COVERS = select(_PHOTO.c.listing, _PHOTO.c.variants).where(
    _PHOTO.c.owner.between(bindparam("first_owner"), bindparam("last_owner")),
    _PHOTO.c.listing.between(bindparam("first"), bindparam("last")),
    _PHOTO.c.position == 0,
)


@dataclass(frozen=True, slots=True)
class Thumb:
    """The smallest variant of a photo; `jpg` and `avif` are blob names, "" where there is none."""

    jpg: str
    avif: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class SearchDocument:
    """Everything that a copy of a listing may show or find it by. Copies apply only a higher `revision`."""

    id: int
    owner: int
    revision: int
    state: str
    title: str
    body: str
    category: str
    fields: Mapping[str, Any]
    condition: str | None
    price_kind: str
    price_amount: int | None
    price_currency: str | None
    negotiable: bool
    city: int
    lat: float | None
    lon: float | None
    photo_count: int
    thumb: Thumb | None
    seller_name: str
    published_at: int
    expires_at: int


def search_document(session: OwnerSession, listing_id: int) -> SearchDocument | None:
    """The listing as it stands if it is published or reserved, else None: then copies must not have it."""
    parameters = {"mine": session.owner, "listing": listing_id}
    row = session.execute(_ONE, parameters).first()
    if row is None or row.state not in ON_VIEW:
        return None
    cover = session.execute(_COVER, parameters).first() if row.photo_count else None
    return _document(row, cover.variants if cover else None)


def revision_of(session: OwnerSession, listing_id: int) -> int | None:
    """The listing's present revision, whatever its state; None when there is no such listing."""
    row = session.execute(_ONE, {"mine": session.owner, "listing": listing_id}).first()
    return row.revision if row else None


def published_after(shard: str, after_id: int, limit: int) -> list[SearchDocument]:
    """Listings on view on a shard with ids above `after_id`, by id, for rebuilding copies. Ranges that the shard only
    mirrors are left out."""
    with on_shard(shard) as session:
        hidden = visible(session, "user", _LISTING)  # type: ignore[arg-type]
        statement = _SCAN if hidden is None else _SCAN.where(hidden)
        rows = session.execute(statement, {"after": after_id, "limit": limit}).all()
        covers = _covers(session, rows)
    return [_document(row, covers.get(row.id)) for row in rows]


def _covers(session: Session, rows: Sequence[Row[Any]]) -> dict[int, Any]:
    """The cover's variants by listing; `rows` are listings in the order of their ids."""
    listed = [row for row in rows if row.photo_count]
    if not listed:
        return {}
    first, last = listed[0], listed[-1]
    parameters = {"first_owner": first.owner, "last_owner": last.owner, "first": first.id, "last": last.id}
    return {row.listing: row.variants for row in session.execute(_COVERS, parameters)}


def _document(row: Row[Any], variants: Mapping[str, Any] | None) -> SearchDocument:
    return SearchDocument(
        id=row.id,
        owner=row.owner,
        revision=row.revision,
        state=row.state,
        title=row.title,
        body=row.body,
        category=row.category,
        fields=row.fields,
        condition=row.condition,
        price_kind=row.price_kind,
        price_amount=row.price_amount,
        price_currency=row.price_currency,
        negotiable=row.negotiable,
        city=row.city,
        lat=row.lat,
        lon=row.lon,
        photo_count=row.photo_count,
        thumb=thumb(variants) if variants else None,
        seller_name=row.seller_name,
        published_at=row.published_at,
        expires_at=row.expires_at,
    )


def thumb(variants: Mapping[str, Any]) -> Thumb:
    """The smallest variant of a manifest as `ProcessedPhoto.manifest()` makes it."""
    width = min(variants, key=int)
    files = variants[width]
    return Thumb(files.get("jpg", ""), files.get("avif", ""), int(width), files["height"])
