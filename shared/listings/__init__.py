"""Listings: what is offered, by whom, and in which state.

Verbs that change a listing take it from `listing_for_seller` (or `listing_for_browser`, for guests) in the same
writing session; each change makes a new revision and, once the listing was published, records an event.
"""

from shared.listings.changes import ON_VIEW
from shared.listings.details import Details, check
from shared.listings.documents import SearchDocument, Thumb, published_after, revision_of, search_document, thumb
from shared.listings.drafting import EDITABLE, change_category, edit, edition, start_draft, start_guest_draft
from shared.listings.errors import Overtaken
from shared.listings.expiring import (
    WARN_DAYS,
    listing_for_expiring_link,
    listing_of_expiring_link,
    mint_expiring_link,
    warn_due,
)
from shared.listings.favourites import (
    Liked,
    add_favourite,
    favourites,
    forget_favourites,
    is_favourite,
    remove_favourite,
)
from shared.listings.guests import add_guest, guest_owner
from shared.listings.lifecycle import (
    NEW_AGAIN_DAYS,
    expire_due,
    mark_sold,
    missing,
    publish,
    release,
    remove,
    remove_all_of,
    rename_seller,
    renew,
    reserve,
    stated,
)
from shared.listings.links import (
    ask_manage_link,
    listing_for_token,
    listing_of_token,
    mint_manage_link,
    revoke_links,
    take_over,
)
from shared.listings.loading import listing_for_browser, listing_for_seller
from shared.listings.models import Listing, Photo
from shared.listings.photos import add_photo, photos_of, remove_photo, reorder, room_for_photo, set_alt
from shared.listings.purging import DRAFT_DAYS, forget_guest, over, purge, unnamed
from shared.listings.queries import PAGE, Seller, Shown, export, of_seller, own, seller, shown, state_of

__all__ = [
    "DRAFT_DAYS",
    "EDITABLE",
    "NEW_AGAIN_DAYS",
    "ON_VIEW",
    "PAGE",
    "WARN_DAYS",
    "Details",
    "Liked",
    "Listing",
    "Overtaken",
    "Photo",
    "SearchDocument",
    "Seller",
    "Shown",
    "Thumb",
    "add_favourite",
    "add_guest",
    "add_photo",
    "ask_manage_link",
    "change_category",
    "check",
    "edit",
    "edition",
    "expire_due",
    "export",
    "favourites",
    "forget_favourites",
    "forget_guest",
    "guest_owner",
    "is_favourite",
    "listing_for_browser",
    "listing_for_expiring_link",
    "listing_for_seller",
    "listing_for_token",
    "listing_of_expiring_link",
    "listing_of_token",
    "mark_sold",
    "mint_expiring_link",
    "mint_manage_link",
    "missing",
    "of_seller",
    "over",
    "own",
    "photos_of",
    "publish",
    "published_after",
    "purge",
    "release",
    "remove",
    "remove_all_of",
    "remove_favourite",
    "remove_photo",
    "rename_seller",
    "renew",
    "reorder",
    "reserve",
    "revision_of",
    "revoke_links",
    "room_for_photo",
    "search_document",
    "seller",
    "set_alt",
    "shown",
    "start_draft",
    "start_guest_draft",
    "state_of",
    "stated",
    "take_over",
    "thumb",
    "unnamed",
    "warn_due",
]
