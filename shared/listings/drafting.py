"""Writing a listing: the draft, its details and its category."""

import json
from dataclasses import asdict
from hashlib import sha256

from shared import categories, clock
from shared.categories import Category
from shared.errors import Invalid
from shared.listings.changes import ON_VIEW, require, settle
from shared.listings.details import Details, check
from shared.listings.errors import Overtaken
from shared.listings.guests import add_guest
from shared.listings.lifecycle import stated
from shared.listings.loading import browser_hash
from shared.listings.models import Listing, ListingLink
from shared.sharding import Family, OwnerSession, next_id

EDITABLE = ON_VIEW | {"draft", "expired"}


def start_draft(session: OwnerSession, category: str, seller_name: str) -> int:
    """A new, empty draft of the session's owner; returns its id. Raises Invalid for what is no category.

    `seller_name` is "" for a guest.
    """
    chosen = _category(category)
    now = clock.now()
    listing = Listing(
        id=next_id(session, Family.LISTING),
        owner=session.owner,
        state="draft",
        title="",
        body="",
        category=chosen.slug,
        fields={},
        price_kind=chosen.prices[0],
        negotiable=False,
        seller_name=seller_name,
        photo_count=0,
        created_at=now,
        updated_at=now,
    )
    session.add(listing)
    return listing.id


def start_guest_draft(session: OwnerSession, category: str, browser_key: str) -> int:
    """A draft of somebody without an account, and the guest who owns it; the browser with this key may manage it."""
    add_guest(session)
    listing = start_draft(session, category, "")
    grant(session, listing, browser_key)
    return listing


def grant(session: OwnerSession, listing_id: int, browser_key: str) -> None:
    """Let the browser with this key manage the listing."""
    session.add(
        ListingLink(
            id=next_id(session, Family.LINK),
            owner=session.owner,
            listing=listing_id,
            purpose="browser",
            secret_hash=browser_hash(listing_id, browser_key),
            created_at=clock.now(),
        )
    )


def edition(listing: Listing) -> str:
    """A short name for what the listing says now: another as soon as it says something else."""
    return sha256(json.dumps(asdict(stated(listing)), sort_keys=True).encode()).hexdigest()[:16]


def edit(session: OwnerSession, listing: Listing, details: Details, seen: str = "") -> None:
    """Give the listing these details. Raises Invalid naming each wrong field, WrongState once it is sold or gone.

    `seen` is the edition that whoever wrote them had before him, "" when he replaces it whatever it says. Raises
    Overtaken when the listing says something else by now; saying the same thing twice is no conflict.
    """
    require(listing, EDITABLE, "edited")
    columns = check(categories.get(listing.category), details)
    news = any(getattr(listing, name) != value for name, value in columns.items())
    if seen and news and edition(listing) != seen:
        raise Overtaken("The listing was changed after you had opened this form.")
    previous = listing.city
    for name, value in columns.items():
        setattr(listing, name, value)
    settle(session, listing, previous_city=previous if previous != listing.city else None)


def change_category(session: OwnerSession, listing: Listing, category: str) -> None:
    """Put a draft in another category; details that it does not have are dropped."""
    require(listing, {"draft"}, "put in another category")
    chosen = _category(category)
    if chosen.slug == listing.category:
        return
    kept = {field.key for field in chosen.fields if field in categories.get(listing.category).fields}
    listing.fields = {key: value for key, value in listing.fields.items() if key in kept}
    listing.category = chosen.slug
    if listing.price_kind not in chosen.prices:
        listing.price_kind, listing.price_amount, listing.price_currency = chosen.prices[0], None, None
    settle(session, listing)


def _category(slug: str) -> Category:
    chosen = categories.TREE.get(slug)
    if chosen is None or chosen.is_section:
        raise Invalid({"category": "Choose a category from the list."})
    return chosen
