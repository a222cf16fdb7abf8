"""Finding one listing for somebody who may change it. Strangers learn nothing, not even that it exists."""

import hmac
from hashlib import sha256

from sqlalchemy import bindparam, select

from shared.errors import NotFound
from shared.ids import owner_of
from shared.listings.models import Listing, ListingLink
from shared.sharding import OwnerSession

_MINE = select(Listing).where(Listing.owner == bindparam("mine"), Listing.id == bindparam("listing"))
_MINE_LOCKED = _MINE.with_for_update()
_KEYS = select(ListingLink.secret_hash).where(
    ListingLink.owner == bindparam("mine"),
    ListingLink.listing == bindparam("listing"),
    ListingLink.purpose == "browser",
)


def listing_for_seller(session: OwnerSession, listing_id: int, owner: int) -> Listing:
    """The listing, which `owner` may manage; NotFound when it is another's, removed or none.

    In a writing session the row is locked first, so that two changes at once come one after the other.
    """
    if owner_of(listing_id) != owner:
        raise _unknown()
    return _load(session, listing_id)


def listing_for_browser(session: OwnerSession, listing_id: int, key: str) -> Listing:
    """The listing that the browser holding `key` may manage; NotFound when it may not. Locks like the above."""
    found = _load(session, listing_id)
    offered = browser_hash(listing_id, key)
    parameters = {"mine": session.owner, "listing": listing_id}
    if not any(hmac.compare_digest(offered, known) for known in session.scalars(_KEYS, parameters) if known):
        raise _unknown()
    return found


def browser_hash(listing_id: int, key: str) -> bytes:
    """What is stored of a browser's key: of no use for another listing."""
    return sha256(f"{listing_id} {key}".encode()).digest()


def _load(session: OwnerSession, listing_id: int) -> Listing:
    statement = _MINE_LOCKED if session.write else _MINE
    parameters = {"mine": session.owner, "listing": listing_id}
    found: Listing | None = session.execute(statement, parameters).scalar_one_or_none()
    if found is None or found.state == "removed":
        raise _unknown()
    return found


def _unknown() -> NotFound:
    return NotFound("There is no such listing, or it is not yours.")
