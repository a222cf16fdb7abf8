"""The links in the mail before a listing ends: a page with one button each, for whoever has the mail, logged in or not.

The page is only shown, and nothing done, until the button is pressed: mail scanners follow every link.
"""

from flask import current_app, request
from werkzeug.wrappers import Response as BaseResponse

from shared import ids, listings
from shared.errors import NotFound
from shared.ids import owner_of
from shared.listings import Listing
from shared.sharding import OwnerSession, read, unit_of_work
from shared.web import caching
from shared.web.forms import Form
from shared.web.notices import redirect_with_notice
from shared.web.templating import page

from .routes import blueprint

# The end of the address: the button's words, and the sentence that follows.
_CHOICES = {
    "renew": ("Keep it on view", "It is on view for its full time again."),
    "sold": ("Mark as sold", "It is marked as sold."),
    "delete": ("Delete it for good", "Your listing is deleted."),
}


@blueprint.route("/expiring/<token>/<choice>", methods=["GET", "POST"])
def expiring(token: str, choice: str) -> BaseResponse:
    """Renew the listing, mark it as sold, or delete it."""
    if choice not in _CHOICES:
        raise NotFound("There is no such page.")
    words, done = _CHOICES[choice]
    owner = owner_of(listings.listing_of_expiring_link(token))
    if request.method == "POST":
        unit_of_work(owner, lambda session: _act(session, token, choice))
        return redirect_with_notice("/" if choice == "delete" else f"/expiring/{token}/{choice}", done)
    with read(owner) as session:
        listing = _listing(session, token)
    others = {name: other for name, (other, _) in _CHOICES.items() if name != choice}
    context = {
        "token": token,
        "choice": choice,
        "words": words,
        "others": others,
        "state": listings.state_of(listing),
        "needed": _needed(listing, choice),
        "id": ids.public(listing.id),
    }
    return caching.no_store(page("public/listings/expiring.html", form=Form({}), listing=listing, **context))


def _listing(session: OwnerSession, token: str) -> Listing:
    return listings.listing_for_expiring_link(session, current_app.config["SECRET_KEY"], token)


def _needed(listing: Listing, choice: str) -> bool:
    """Whether there is anything left to do: a link is often opened again."""
    if choice == "renew":
        return listing.state not in listings.ON_VIEW or listing.expires_at == listing.warned_for
    return choice == "delete" or listing.state != "sold"


def _act(session: OwnerSession, token: str, choice: str) -> None:
    listing = _listing(session, token)
    if choice == "delete":
        listings.remove(session, listing)
        listings.revoke_links(session, listing.id)
    elif choice == "sold":
        listings.mark_sold(session, listing)
    else:
        listings.renew(session, listing)
