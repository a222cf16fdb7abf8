"""Sellers and listings for tests, made through the room's own verbs."""

import itertools
from collections.abc import Callable
from typing import Any

from shared import clock, ids, listings
from shared.accounts.models import User
from shared.ids import owner_of
from shared.listings import Details, Listing
from shared.sharding import OwnerSession, allocate_owner, current, transaction, unit_of_work

INNSBRUCK, VIENNA = 2775220, 2761369
MANIFEST = {
    "160": {"height": 120, "avif": f"{'a' * 32}-160.avif", "jpg": f"{'b' * 32}-160.jpg"},
    "320": {"height": 240, "avif": f"{'a' * 32}-320.avif", "jpg": f"{'b' * 32}-320.jpg"},
    "640": {"height": 480, "avif": f"{'a' * 32}-640.avif", "jpg": f"{'b' * 32}-640.jpg"},
    "1280": {"height": 960, "avif": f"{'a' * 32}-1280.avif", "jpg": f"{'b' * 32}-1280.jpg"},
}


def seller(name: str = "Anna", state: str = "active", shard: str = "") -> int:
    """A user with an account, on `shard` or wherever chance puts him; returns the owner."""
    owner = allocate_owner(f"range:{shard}" if shard else "random")
    with transaction(owner) as session:
        session.add(
            User(
                id=ids.compose(owner, 0),
                owner=owner,
                state=state,
                email=f"{owner}@example.org",
                name=name,
                created_at=clock.now(),
            )
        )
    return owner


def sellers_everywhere(number: int) -> list[int]:
    """Owners, each on the next shard."""
    shards = itertools.cycle(current().names("user"))
    return [seller(shard=next(shards)) for _ in range(number)]


def details(**changes: Any) -> Details:
    """A bicycle for 120 euros in Innsbruck."""
    values: dict[str, Any] = {
        "title": "Red bicycle",
        "body": "Well kept, new tyres, 21 gears.",
        "price_kind": "amount",
        "price_amount": 12_000,
        "city": INNSBRUCK,
    }
    return Details(**{**values, **changes})


def draft(owner: int, category: str = "bikes", *, name: str = "Anna", **changes: Any) -> int:
    """A complete draft; returns its id."""
    with transaction(owner) as session:
        listing_id = listings.start_draft(session, category, name)
        session.flush()  # the row is read back below
        listings.edit(session, listings.listing_for_seller(session, listing_id, owner), details(**changes))
    return listing_id


def published(owner: int, category: str = "bikes", *, photos: int = 0, **changes: Any) -> int:
    """A listing on view; returns its id."""
    listing_id = draft(owner, category, **changes)
    for _ in range(photos):
        change(listing_id, listings.add_photo, width=1280, height=960, manifest=MANIFEST)
    change(listing_id, listings.publish)
    return listing_id


def guest_draft(browser_key: str, **changes: Any) -> int:
    """A complete draft of somebody without an account; returns its id."""
    owner = allocate_owner()
    with transaction(owner) as session:
        listing_id = listings.start_guest_draft(session, "bikes", browser_key)
    change(listing_id, listings.edit, details(**changes))
    return listing_id


def change(listing_id: int, verb: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
    """Run `verb(session, listing, ...)` as the seller in a unit of work of its own."""
    return unit_of_work(
        owner_of(listing_id), lambda session: verb(session, load(session, listing_id), *arguments, **named)
    )


def load(session: OwnerSession, listing_id: int) -> Listing:
    """The listing as its seller sees it."""
    return listings.listing_for_seller(session, listing_id, owner_of(listing_id))
