"""Who may change a listing: its owner by session, a guest by the key in a cookie. Everybody else gets a 404."""

import hmac
from hashlib import sha256

from flask import Response, current_app

from shared import ids, listings
from shared.errors import NotFound
from shared.ids import owner_of
from shared.listings import Listing
from shared.sharding import OwnerSession
from shared.web import cookies, csrf
from shared.web.templating import viewer

_COOKIE = "guest"
_KEEP_SECONDS = 90 * 86_400
_SHOW_WHO = "If it is, log in and open this page again, or use the link that we mailed to you."


def listing_id(public: int) -> int:
    """The id behind the number in an address; NotFound for a number that is none."""
    if public > ids.MAX_ID:
        raise NotFound("There is no such listing.")
    return ids.from_public(public)


def own_listing(session: OwnerSession, id: int) -> Listing:
    """The listing, if the one who asks may manage it; else NotFound. Locked in a writing session."""
    user = viewer()
    if user is not None and user.owner == owner_of(id):
        return listings.listing_for_seller(session, id, user.owner)
    try:
        return listings.listing_for_browser(session, id, browser_key())
    except NotFound as error:
        if user is not None:
            raise
        # The same for a listing that there is not, so that it tells nothing.
        raise NotFound(f"{error.message} {_SHOW_WHO}") from None


def browser_key() -> str:
    """What this browser proves its drafts by: its cookie, or what the cookie will be.

    Until it has one, the key follows from the cookie that every form sets, so that a form sent twice gives one key.
    """
    known = cookies.read(_COOKIE)
    if known:
        return known
    visit = cookies.read(csrf.PRESESSION) or cookies.read(csrf.SESSION)
    return hmac.digest(current_app.config["SECRET_KEY"], f"guest {visit}".encode(), sha256).hex() if visit else ""


def keep_browser_key(response: Response) -> Response:
    """Have the browser keep its key."""
    cookies.write(response, _COOKIE, browser_key(), _KEEP_SECONDS)
    return response
