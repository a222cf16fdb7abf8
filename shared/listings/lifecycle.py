"""What happens to a listing once it is written: published, reserved, sold, renewed, expired, removed."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, select, update

from shared import categories, clock
from shared.errors import Invalid
from shared.events import ListingRemoved, ListingSold, ListingUpdated, NewListingCreated
from shared.ids import owner_of
from shared.listings.changes import ON_VIEW, require, settle
from shared.listings.details import Details, check
from shared.listings.errors import WrongState
from shared.listings.models import Listing
from shared.sharding import OwnerSession, on_shard, unit_of_work
from shared.sharding.scatter import visible

_DAY = 86_400
# So long a listing counts as of the day it was published on, however often it is taken off and put on view again.
NEW_AGAIN_DAYS = 7
_ALIVE = ("draft", "published", "reserved", "sold", "expired")
_DUE = (
    select(Listing.id)
    .where(Listing.state == bindparam("state"), Listing.expires_at <= bindparam("now"))
    .order_by(Listing.expires_at)
    .limit(bindparam("limit"))
)
_ALL_ALIVE = select(Listing).where(Listing.owner == bindparam("mine"), Listing.state.in_(_ALIVE)).with_for_update()


def missing(listing: Listing) -> dict[str, str]:
    """What still has to be filled in before the listing can be published, as in Invalid.fields; {} when nothing."""
    try:
        check(categories.get(listing.category), stated(listing))
    except Invalid as error:
        return error.fields
    return {}


def stated(listing: Listing) -> Details:
    """What the listing says, as `edit` takes it."""
    return Details(
        title=listing.title,
        body=listing.body,
        price_kind=listing.price_kind,
        price_amount=listing.price_amount,
        price_currency=listing.price_currency,
        negotiable=listing.negotiable,
        condition=listing.condition,
        city=listing.city,
        lat=listing.lat,
        lon=listing.lon,
        fields={key: _as_text(value) for key, value in listing.fields.items()},
    )


def _as_text(value: Any) -> str:
    return ("no", "yes")[value] if isinstance(value, bool) else str(value)


def publish(session: OwnerSession, listing: Listing) -> bool:
    """Put a complete draft on view for its category's lifetime; False when it is on view already.

    Raises Invalid naming what is missing, WrongState for anything but a draft.
    """
    if listing.state in ON_VIEW:
        return False
    require(listing, {"draft"}, "published")
    if lacks := missing(listing):
        raise Invalid(lacks, "The listing is not complete yet.")
    _put_on_view(listing)
    settle(session, listing, NewListingCreated)
    return True


def renew(session: OwnerSession, listing: Listing) -> None:
    """Start the lifetime anew. An expired or sold listing is on view again, and as new if it was last published more
    than NEW_AGAIN_DAYS ago; any other keeps its place in lists."""
    require(listing, ON_VIEW | {"expired", "sold"}, "renewed")
    if listing.state in ON_VIEW:
        listing.expires_at = _end_of_life(listing)
    else:
        _put_on_view(listing)
    settle(session, listing)


def _put_on_view(listing: Listing) -> None:
    listing.state, listing.ended_at = "published", None
    listing.expires_at = _end_of_life(listing)
    if listing.published_at is None or listing.published_at < clock.now() - NEW_AGAIN_DAYS * _DAY:
        listing.published_at = clock.now()


def _end_of_life(listing: Listing) -> int:
    return clock.now() + categories.get(listing.category).lifetime_days * _DAY


def reserve(session: OwnerSession, listing: Listing) -> None:
    """Mark a listing on view as reserved for somebody; nothing happens when it is."""
    _flag(session, listing, "reserved", "reserved")


def release(session: OwnerSession, listing: Listing) -> None:
    """Take the mark "reserved" away again."""
    _flag(session, listing, "published", "marked as available")


def _flag(session: OwnerSession, listing: Listing, state: str, wish: str) -> None:
    require(listing, ON_VIEW, wish)
    if listing.state != state:
        listing.state = state
        settle(session, listing, ListingUpdated)


def mark_sold(session: OwnerSession, listing: Listing) -> None:
    """Say that it is sold; the page stays readable. Nothing happens when it was said before."""
    if listing.state == "sold":
        return
    require(listing, ON_VIEW | {"expired"}, "marked as sold")
    listing.state, listing.ended_at = "sold", clock.now()
    settle(session, listing, ListingSold)


def remove(session: OwnerSession, listing: Listing, reason: str = "deleted") -> None:
    """Take a listing, or a draft, off the site for good. `reason` is deleted, closed or moderated."""
    require(listing, _ALIVE, "removed")
    listing.state, listing.ended_at = "removed", clock.now()
    settle(session, listing, ListingRemoved, reason=reason)


def expire(session: OwnerSession, listing: Listing) -> None:
    """End a listing whose time is up; WrongState when it is not."""
    require(listing, ON_VIEW, "expired")
    if listing.expires_at is None or listing.expires_at > clock.now():
        raise WrongState("This listing's time is not up yet.")
    listing.state, listing.ended_at = "expired", listing.expires_at
    settle(session, listing, ListingRemoved, reason="expired")


def expire_due(shard: str, limit: int = 500) -> int:
    """End up to `limit` listings of a shard whose time is up, a transaction for each; returns how many.

    May run beside itself and beside sellers: what has been renewed or ended in the meantime is left alone.
    """
    return sum(_expire_one(id) for id in _due(shard, limit))


def _due(shard: str, limit: int) -> list[int]:
    with on_shard(shard) as session:
        hidden = visible(session, "user", Listing.__table__)  # type: ignore[arg-type]
        statement = _DUE if hidden is None else _DUE.where(hidden)
        found: list[int] = []
        for state in sorted(ON_VIEW):
            found += session.scalars(statement, {"state": state, "now": clock.now(), "limit": limit - len(found)})
    return found


def _expire_one(listing_id: int) -> bool:
    def work(session: OwnerSession) -> bool:
        statement = select(Listing).where(Listing.owner == session.owner, Listing.id == listing_id).with_for_update()
        listing = session.execute(statement).scalar_one_or_none()
        if listing is None or listing.state not in ON_VIEW or (listing.expires_at or 0) > clock.now():
            return False
        expire(session, listing)
        return True

    return unit_of_work(owner_of(listing_id), work)


def remove_all_of(session: OwnerSession, reason: str = "closed") -> int:
    """Remove every listing of the session's owner, for closing the account; returns how many. May be called twice."""
    listings: Sequence[Listing] = session.scalars(_ALL_ALIVE, {"mine": session.owner}).all()
    for listing in listings:
        remove(session, listing, reason)
    return len(listings)


def rename_seller(session: OwnerSession, name: str) -> None:
    """Show another public name on every listing of the session's owner. The copies of listings do not show it."""
    session.execute(update(Listing).where(Listing.owner == session.owner).values(seller_name=name))
