"""Reading listings for pages: one listing, a seller's, one's own, and everything for a download."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, bindparam, select

from shared import clock, ids
from shared.accounts.models import User
from shared.errors import NotFound
from shared.listings.changes import ON_VIEW
from shared.listings.favourites import favourites
from shared.listings.models import Listing, Photo
from shared.sharding import OwnerSession, glance

PAGE = 50
_LISTING, _PHOTO = Listing.__table__, Photo.__table__
_ONE = select(_LISTING).where(_LISTING.c.owner == bindparam("mine"), _LISTING.c.id == bindparam("listing"))
_PHOTOS = (
    select(_PHOTO.c.id, _PHOTO.c.width, _PHOTO.c.height, _PHOTO.c.alt, _PHOTO.c.variants)
    .where(_PHOTO.c.owner == bindparam("mine"), _PHOTO.c.listing == bindparam("listing"))
    .order_by(_PHOTO.c.position, _PHOTO.c.id)
)
_ROW = (
    _LISTING.c.id,
    _LISTING.c.state,
    _LISTING.c.title,
    _LISTING.c.category,
    _LISTING.c.price_kind,
    _LISTING.c.price_amount,
    _LISTING.c.price_currency,
    _LISTING.c.city,
    _LISTING.c.photo_count,
    _LISTING.c.created_at,
    _LISTING.c.published_at,
    _LISTING.c.expires_at,
)
_OF_SELLER = (
    select(*_ROW)
    .where(
        _LISTING.c.owner == bindparam("mine"),
        _LISTING.c.state.in_(sorted(ON_VIEW)),
        _LISTING.c.expires_at > bindparam("now"),
        _LISTING.c.published_at <= bindparam("published_at"),
        (_LISTING.c.published_at < bindparam("published_at")) | (_LISTING.c.id < bindparam("before")),
    )
    .order_by(_LISTING.c.published_at.desc(), _LISTING.c.id.desc())
    .limit(bindparam("limit"))
)
_OWN = (
    select(*_ROW)
    .where(_LISTING.c.owner == bindparam("mine"), _LISTING.c.id < bindparam("before"), _LISTING.c.state != "removed")
    .order_by(_LISTING.c.id.desc())
    .limit(bindparam("limit"))
)
_ALL = select(_LISTING.c.id).where(_LISTING.c.owner == bindparam("mine")).order_by(_LISTING.c.id)
_SELLER = select(User.name, User.state, User.created_at).where(
    User.owner == bindparam("mine"), User.id == bindparam("user")
)
_LAST = 1 << 62


@dataclass(frozen=True, slots=True)
class Shown:
    """A listing as strangers may see it, with its photos, the cover first.

    `state` is published, reserved, sold, expired or removed; a listing whose time is up is expired even before the
    scheduler has said so. Of a removed one nothing but the state may be shown.
    """

    state: str
    listing: Row[Any]
    photos: Sequence[Row[Any]]


@dataclass(frozen=True, slots=True)
class Seller:
    """What is public about a seller."""

    owner: int
    name: str
    since: int


def shown(listing_id: int) -> Shown:
    """The listing for its page, in one read session of two statements. NotFound for a draft or none."""
    owner = ids.owner_of(listing_id)
    parameters = {"mine": owner, "listing": listing_id}
    with glance(owner) as session:
        listing = session.execute(_ONE, parameters).first()
        if listing is None or listing.published_at is None:
            raise NotFound("There is no such listing.")
        has_photos = listing.photo_count and listing.state != "removed"
        photos = session.execute(_PHOTOS, parameters).all() if has_photos else ()
    return Shown(state_of(listing), listing, photos)


def state_of(listing: Row[Any] | Listing) -> str:
    """The state that holds now: a listing whose time is up is expired, whatever the row still says."""
    if listing.state in ON_VIEW and (listing.expires_at or 0) <= clock.now():
        return "expired"
    return str(listing.state)


def seller(session: OwnerSession) -> Seller:
    """The session's owner as a seller; NotFound for guests, closed and unknown accounts."""
    row = session.execute(_SELLER, {"mine": session.owner, "user": ids.compose(session.owner, 0)}).first()
    if row is None or row.state not in ("pending", "active"):
        raise NotFound("There is no such seller.")
    return Seller(session.owner, row.name, row.created_at)


def of_seller(session: OwnerSession, after: tuple[int, int] | None = None, limit: int = PAGE) -> Sequence[Row[Any]]:
    """Listings of the session's owner that are on view, newest first; `after` is the last row's (published_at, id)."""
    published_at, before = after or (_LAST, _LAST)
    parameters = {"published_at": published_at, "before": before, "now": clock.now(), "limit": limit}
    return session.execute(_OF_SELLER, {"mine": session.owner, **parameters}).all()  # type: ignore[no-any-return]


def own(session: OwnerSession, before: int | None = None, limit: int = PAGE) -> Sequence[Row[Any]]:
    """Every listing of the session's owner but the removed, newest first; `before` is the last row's id."""
    parameters = {"mine": session.owner, "before": _LAST if before is None else before, "limit": limit}
    return session.execute(_OWN, parameters).all()  # type: ignore[no-any-return]


def export(session: OwnerSession) -> Iterator[dict[str, Any]]:
    """Everything this room holds of the session's owner, as JSON values, for "download my data"."""
    # All ids, and one text at a time.
    for id in session.scalars(_ALL, {"mine": session.owner}).all():
        this = {"mine": session.owner, "listing": id}
        listing = dict(session.execute(_ONE, this).mappings().one())
        del listing["owner"]
        photos = [_public_photo(each) for each in session.execute(_PHOTOS, this).mappings()]
        yield {"kind": "listing", **listing, "id": ids.public(id), "photos": photos}
    before = None
    while page := favourites(session, before):
        before = page[-1].id
        for each in page:
            yield {"kind": "favourite", "listing": ids.public(each.listing), "saved_at": each.created_at}


def _public_photo(photo: Any) -> dict[str, Any]:
    return {"alt": photo["alt"], "width": photo["width"], "height": photo["height"], "files": photo["variants"]}
