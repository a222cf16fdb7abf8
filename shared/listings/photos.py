"""Photos of a listing as rows. The files are the door's business: it stores them before it calls here."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, select

from shared import categories, clock
from shared.errors import NotFound
from shared.listings.changes import require, settle
from shared.listings.drafting import EDITABLE
from shared.listings.errors import TooManyPhotos
from shared.listings.models import Listing, Photo
from shared.sharding import Family, OwnerSession, next_id
from shared.text import clean_line

ALT_LONGEST = 120
_OF_LISTING = (
    select(Photo)
    .where(Photo.owner == bindparam("mine"), Photo.listing == bindparam("listing"))
    .order_by(Photo.position, Photo.id)
)


def photos_of(session: OwnerSession, listing_id: int) -> Sequence[Photo]:
    """A listing's photos, the cover first."""
    found: Sequence[Photo] = session.scalars(_OF_LISTING, {"mine": session.owner, "listing": listing_id}).all()
    return found


def room_for_photo(listing: Listing) -> bool:
    """Whether one more photo may be added."""
    return listing.photo_count < categories.get(listing.category).max_photos


def add_photo(
    session: OwnerSession, listing: Listing, *, width: int, height: int, manifest: Mapping[str, Any], alt: str = ""
) -> int:
    """Append a photo whose files are stored; returns its id. Raises TooManyPhotos, WrongState.

    `manifest` is `ProcessedPhoto.manifest()`; width and height are those of the largest variant in pixels.
    """
    require(listing, EDITABLE, "given photos")
    if not room_for_photo(listing):
        raise TooManyPhotos(f"A listing here can have {listing.photo_count} photos. Remove one first.")
    photo = Photo(
        id=next_id(session, Family.PHOTO),
        owner=session.owner,
        listing=listing.id,
        position=listing.photo_count,
        width=width,
        height=height,
        alt=clean_line(alt)[:ALT_LONGEST],
        variants=dict(manifest),
        created_at=clock.now(),
    )
    session.add(photo)
    listing.photo_count += 1
    settle(session, listing)
    return photo.id


def remove_photo(session: OwnerSession, listing: Listing, photo_id: int) -> None:
    """Take a photo off the listing; the others close ranks. Its files stay, since others may have the same content."""
    rest = _editable(session, listing, photo_id)
    photo = next(each for each in rest if each.id == photo_id)
    rest.remove(photo)
    session.delete(photo)
    _number(rest)
    listing.photo_count = len(rest)
    settle(session, listing)


def reorder(session: OwnerSession, listing: Listing, photo_id: int, position: int) -> None:
    """Move a photo to `position` (0 is the cover, too large means last)."""
    photos = _editable(session, listing, photo_id)
    photo = next(each for each in photos if each.id == photo_id)
    photos.remove(photo)
    photos.insert(max(0, position), photo)
    _number(photos)
    settle(session, listing)


def set_alt(session: OwnerSession, listing: Listing, photo_id: int, alt: str) -> None:
    """Describe a photo in words, cut to ALT_LONGEST characters."""
    photos = _editable(session, listing, photo_id)
    next(each for each in photos if each.id == photo_id).alt = clean_line(alt)[:ALT_LONGEST]
    settle(session, listing)


def _editable(session: OwnerSession, listing: Listing, photo_id: int) -> list[Photo]:
    require(listing, EDITABLE, "edited")
    photos = list(photos_of(session, listing.id))
    if all(each.id != photo_id for each in photos):
        raise NotFound("This listing has no such photo.")
    return photos


def _number(photos: list[Photo]) -> None:
    for position, photo in enumerate(photos):
        photo.position = position
