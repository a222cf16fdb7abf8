"""Listings that somebody keeps an eye on; rows live with the one who likes, the listing may live anywhere."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam, delete, func, select
from sqlalchemy.exc import IntegrityError

from shared import clock
from shared.accounts.models import row_range
from shared.errors import Conflict
from shared.listings.models import Favourite
from shared.sharding import Family, OwnerSession, next_id

MOST_FAVOURITES = 1000
_ONE = select(Favourite.id).where(Favourite.owner == bindparam("mine"), Favourite.listing == bindparam("listing"))
_PAGE = (
    select(Favourite)
    .where(Favourite.owner == bindparam("mine"), Favourite.id < bindparam("before"))
    .order_by(Favourite.id.desc())
    .limit(bindparam("limit"))
)


@dataclass(frozen=True, slots=True)
class Liked:
    """A favourite; `city` is where the listing was when it was saved."""

    id: int
    listing: int
    city: int
    created_at: int


def add_favourite(
    session: OwnerSession, listing_id: int, city: int, price: tuple[int | None, str | None] = (None, None)
) -> bool:
    """Save a listing; False when it is saved already, Conflict when the list is full. May be called twice at once.

    `price` is what it costs now (amount in minor units, currency): a lower one will be news.
    """
    if is_favourite(session, listing_id):
        return False
    if _count(session) >= MOST_FAVOURITES:
        raise Conflict(f"You have {MOST_FAVOURITES:,} favourites, as many as there can be. Remove some first.")
    row = Favourite(
        id=next_id(session, Family.FAVOURITE),
        owner=session.owner,
        listing=listing_id,
        city=city,
        price_amount=price[0],
        price_currency=price[1],
        created_at=clock.now(),
    )
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        return False
    return True


def remove_favourite(session: OwnerSession, listing_id: int) -> None:
    """Forget a listing; nothing happens when it is not saved."""
    session.execute(delete(Favourite).where(Favourite.owner == session.owner, Favourite.listing == listing_id))


def forget_favourites(session: OwnerSession) -> None:
    """Forget all that the session's owner saved, for one who is deleted himself."""
    mine = (Favourite.owner == session.owner, Favourite.id.between(*row_range(session.owner)))
    session.execute(delete(Favourite).where(*mine))


def is_favourite(session: OwnerSession, listing_id: int) -> bool:
    """Whether the session's owner has saved this listing."""
    return session.execute(_ONE, {"mine": session.owner, "listing": listing_id}).first() is not None


def favourites(session: OwnerSession, before: int | None = None, limit: int = 50) -> Sequence[Liked]:
    """What the session's owner saved, the latest first; `before` is the id of the last row of the page before."""
    parameters = {"mine": session.owner, "before": (1 << 62) if before is None else before, "limit": limit}
    return [Liked(row.id, row.listing, row.city, row.created_at) for row in session.scalars(_PAGE, parameters)]


def _count(session: OwnerSession) -> int:
    statement = select(func.count()).select_from(Favourite).where(Favourite.owner == session.owner)
    found: int = session.execute(statement).scalar_one()
    return found
