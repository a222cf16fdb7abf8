"""The e-mailed links that manage one listing without an account. They hold until the listing is purged or they are
revoked; each mail has one of its own, so making a mail twice leaves both usable."""

import hmac
import secrets
from hashlib import sha256

from sqlalchemy import bindparam, delete, select

from shared import clock, ids
from shared.accounts.models import User
from shared.errors import Conflict, Invalid, NotFound, Throttled
from shared.events import ListingLinkAsked, record
from shared.listings.changes import require, touch
from shared.listings.drafting import EDITABLE, grant
from shared.listings.lifecycle import missing
from shared.listings.loading import listing_for_seller
from shared.listings.models import Listing, ListingLink
from shared.sharding import Family, OwnerSession, next_id
from shared.text import whole_number

MOST_LINKS = 10
SECONDS_BETWEEN = 60
_SECRET_BYTES = 24
_LINKS = (
    select(ListingLink)
    .where(
        ListingLink.owner == bindparam("mine"),
        ListingLink.listing == bindparam("listing"),
        ListingLink.purpose == "manage",
    )
    .order_by(ListingLink.id)
)


def ask_manage_link(session: OwnerSession, listing: Listing, email: str) -> None:
    """Have a link mailed to the guest who owns the listing; `email` is valid and becomes his address.

    Raises Invalid when the listing is not complete, Throttled and Conflict when too many links were asked for.
    """
    require(listing, EDITABLE | {"sold"}, "managed by e-mail")
    guest = session.get(User, ids.compose(session.owner, 0))
    if guest is None or guest.state != "guest":
        raise NotFound("This listing belongs to an account; log in to manage it.")
    if lacks := missing(listing):
        raise Invalid(lacks, "The listing is not complete yet.")
    _throttle(session, listing)
    # Once published, the address belongs to whoever opened the link there; a browser may not turn it away.
    if listing.published_at is None:
        if email != guest.email:
            _void(session, listing.id)
        guest.email = email
        touch(session, listing)  # the draft lives as long as if it had been edited, so that the link finds it
    _add(session, listing.id, None)
    record(session, ListingLinkAsked(listing=listing.id))


def _throttle(session: OwnerSession, listing: Listing) -> None:
    links = _links(session, listing.id)
    if len(links) >= MOST_LINKS:
        raise Conflict("We have sent you as many links for this listing as we can. Use the newest one.")
    wait = links[-1].created_at + SECONDS_BETWEEN - clock.now() if links else 0
    if wait > 0:
        raise Throttled(wait, "We have just sent you a link. Wait a minute before you ask for another.")


def _void(session: OwnerSession, listing_id: int) -> None:
    """Make the links mailed so far worthless: who opens one shows nothing about another address. They still count."""
    for link in _links(session, listing_id):
        link.secret_hash = secrets.token_bytes(32)


def mint_manage_link(session: OwnerSession, listing_id: int) -> str:
    """A fresh token for /manage?token=, for the one who mails it; only its hash is kept.

    May be called again for the same event: that adds another token and leaves the former valid. NotFound once the
    listing is gone.
    """
    listing_for_seller(session, listing_id, session.owner)
    secret = secrets.token_urlsafe(_SECRET_BYTES)
    waiting = next((link for link in _links(session, listing_id) if link.secret_hash is None), None)
    if waiting is not None:
        waiting.secret_hash = _hash(secret)
    else:
        _add(session, listing_id, _hash(secret))
    return f"{ids.public(listing_id)}.{secret}"


def listing_of_token(token: str) -> int:
    """The listing that a token claims to manage; NotFound for text that is no token. Proves nothing yet."""
    digits, _, secret = token.partition(".")
    public = whole_number(digits, high=ids.MAX_ID)
    if public is None or not secret:
        raise _no_link()
    return ids.from_public(public)


def listing_for_token(session: OwnerSession, token: str) -> Listing:
    """The listing that this token manages; NotFound for a wrong or revoked one."""
    listing_id = listing_of_token(token)
    offered = _hash(token.partition(".")[2])
    known = [link.secret_hash for link in _links(session, listing_id) if link.secret_hash]
    if not any(hmac.compare_digest(offered, each) for each in known):
        raise _no_link()
    return listing_for_seller(session, listing_id, session.owner)


def take_over(session: OwnerSession, listing: Listing, browser_key: str) -> None:
    """Let this browser, and no other, manage the listing: whoever opened the link has shown whose address it is."""
    session.execute(
        delete(ListingLink).where(
            ListingLink.owner == session.owner, ListingLink.listing == listing.id, ListingLink.purpose == "browser"
        )
    )
    grant(session, listing.id, browser_key)


def revoke_links(session: OwnerSession, listing_id: int) -> None:
    """Make every link and every browser's key for this listing worthless."""
    session.execute(delete(ListingLink).where(ListingLink.owner == session.owner, ListingLink.listing == listing_id))


def _links(session: OwnerSession, listing_id: int) -> list[ListingLink]:
    return list(session.scalars(_LINKS, {"mine": session.owner, "listing": listing_id}))


def _add(session: OwnerSession, listing_id: int, secret_hash: bytes | None) -> None:
    session.add(
        ListingLink(
            id=next_id(session, Family.LINK),
            owner=session.owner,
            listing=listing_id,
            purpose="manage",
            secret_hash=secret_hash,
            created_at=clock.now(),
        )
    )


def _hash(secret: str) -> bytes:
    return sha256(secret.encode()).digest()


def _no_link() -> NotFound:
    return NotFound("This link is not valid (any more). Ask for a new one on the page where you posted.")
