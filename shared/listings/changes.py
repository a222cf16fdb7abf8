"""How a change of a listing is settled: the new revision first, then the event that tells of it."""

from collections.abc import Collection

from sqlalchemy.orm.attributes import flag_modified
from sqlalchemy.orm.exc import StaleDataError

from shared import clock
from shared.events import Event, ListingUpdated, record
from shared.listings.errors import WrongState
from shared.listings.models import Listing
from shared.sharding import OwnerSession

ON_VIEW = frozenset({"published", "reserved"})


def require(listing: Listing, states: Collection[str], wish: str) -> None:
    """Raise WrongState unless the listing is in one of `states`; `wish` completes "... cannot be <wish>"."""
    if listing.state not in states:
        raise WrongState(f"A listing that is {_WORDS[listing.state]} cannot be {wish}.")


def touch(session: OwnerSession, listing: Listing) -> None:
    """Write the pending changes of `listing` under its next revision; WrongState when another change came first."""
    listing.updated_at = clock.now()
    flag_modified(listing, "updated_at")  # a second change within one second is a revision of its own
    try:
        session.flush()  # the event names the revision, which the UPDATE makes
    except StaleDataError:
        raise WrongState("This listing was changed at the same moment. Look at it again before you go on.") from None


def settle(session: OwnerSession, listing: Listing, event: type[Event] = ListingUpdated, **more: object) -> None:
    """Write the changes and, unless the listing is a draft that nobody else knows of, the event."""
    touch(session, listing)
    if listing.published_at is not None:
        record(
            session,
            event(  # type: ignore[call-arg]
                listing=listing.id, revision=listing.revision, city=listing.city, category=listing.category, **more
            ),
        )


_WORDS = {
    "draft": "a draft",
    "published": "on view",
    "reserved": "reserved",
    "sold": "sold",
    "expired": "expired",
    "removed": "removed",
}
