"""The warning before a listing's time is up, and the link in it by which its seller renews, sells or deletes it."""

from sqlalchemy import bindparam, or_, select, update

from shared import accounts, clock, signing
from shared.errors import NotFound
from shared.events import ListingExpiring, record
from shared.ids import owner_of
from shared.listings.changes import ON_VIEW
from shared.listings.loading import listing_for_seller
from shared.listings.models import Listing
from shared.sharding import OwnerSession, on_shard, table_of, unit_of_work
from shared.sharding.scatter import visible

WARN_DAYS = 3
_DAY = 86_400
_PURPOSE = "listing expiring"
_table = table_of(Listing)
_UNTOLD = or_(_table.c.warned_for.is_(None), _table.c.warned_for != _table.c.expires_at)
_DUE = (
    select(_table.c.id)
    .where(_table.c.state == bindparam("in_state"), _table.c.expires_at > bindparam("now"))
    .where(_table.c.expires_at <= bindparam("soon"), _UNTOLD)
    .order_by(_table.c.expires_at)
    .limit(bindparam("limit"))
)
# Not by the mapped object: that would be a new revision, and nothing that others see has changed.
_TELL = (
    update(_table)
    .where(_table.c.owner == bindparam("mine"), _table.c.id == bindparam("listing"))
    .where(_table.c.state.in_(sorted(ON_VIEW)), _table.c.expires_at > bindparam("now"))
    .where(_table.c.expires_at <= bindparam("soon"), _UNTOLD)
    .values(warned_for=_table.c.expires_at)
)
_ENDS = select(_table.c.expires_at).where(_table.c.owner == bindparam("mine"), _table.c.id == bindparam("listing"))


def warn_due(shard: str, limit: int = 500) -> int:
    """Have the sellers of up to `limit` listings of a shard warned that they end within WARN_DAYS; returns how many.

    Once for each listing and end, a transaction for each. May run beside itself: one of two has it recorded.
    """
    return sum(_warn(id) for id in _due(shard, limit))


def _due(shard: str, limit: int) -> list[int]:
    with on_shard(shard) as session:
        hidden = visible(session, "user", _table)
        statement = _DUE if hidden is None else _DUE.where(hidden)
        found: list[int] = []
        for state in sorted(ON_VIEW):
            found += session.scalars(statement, {"in_state": state, "limit": limit - len(found), **_window()})
    return found


def _window() -> dict[str, int]:
    now = clock.now()
    return {"now": now, "soon": now + WARN_DAYS * _DAY}


def _warn(listing_id: int) -> bool:
    def work(session: OwnerSession) -> bool:
        this = {"mine": session.owner, "listing": listing_id}
        if not session.execute(_TELL, {**this, **_window()}).rowcount:
            return False
        record(session, ListingExpiring(listing=listing_id, expires_at=session.execute(_ENDS, this).scalar_one()))
        return True

    return unit_of_work(owner_of(listing_id), work)


def mint_expiring_link(key: bytes, listing: Listing, address: str) -> str:
    """The token in the warning mailed to `address`; `key` is the site's secret. The same each time.

    It holds until the next warning about this listing, for the address that the mail went to.
    """
    return signing.sign(key, _PURPOSE, listing.id, listing.warned_for or 0, address)


def listing_of_expiring_link(token: str) -> int:
    """The listing that a token claims to be about, for choosing the session; NotFound for text that is no token."""
    listing_id = signing.claimed(token)
    if listing_id is None:
        raise _no_link()
    return listing_id


def listing_for_expiring_link(session: OwnerSession, key: bytes, token: str) -> Listing:
    """The listing that this token may renew, mark as sold or delete; else NotFound. Locked in a writing session."""
    try:
        listing = listing_for_seller(session, listing_of_expiring_link(token), session.owner)
    except NotFound:
        raise _no_link() from None
    contact = accounts.contact(session)
    if contact is None or not signing.proves(key, _PURPOSE, token, listing.warned_for or 0, contact.email):
        raise _no_link()
    return listing


def _no_link() -> NotFound:
    return NotFound("This link is not valid (any more): the listing was deleted, or a newer mail has another link.")
