"""One's own listings: the list, and what can be done with each."""

from typing import Any

from flask import Response, request
from flask_login import current_user, login_required
from sqlalchemy import Row
from werkzeug.wrappers import Response as BaseResponse

from public_app.browse.rows import ListingRow, full_city_name, price
from shared import ids, listings
from shared.ids import owner_of
from shared.sharding import OwnerSession, read, unit_of_work
from shared.web import caching, pagination
from shared.web.forms import Form
from shared.web.notices import redirect_with_notice
from shared.web.templating import page, viewer

from .access import listing_id, own_listing
from .routes import blueprint

# A button's value, its verb and the sentence that follows; then the buttons of each state, the main one first.
_ACTIONS = {
    "reserve": (listings.reserve, "It is marked as reserved."),
    "release": (listings.release, "It is marked as available."),
    "sold": (listings.mark_sold, "It is marked as sold."),
    "renew": (listings.renew, "Its time starts anew."),
}
_BUTTONS = {
    "published": (("sold", "Mark as sold"), ("reserve", "Mark as reserved"), ("renew", "Renew")),
    "reserved": (("sold", "Mark as sold"), ("release", "Mark as available"), ("renew", "Renew")),
    "expired": (("renew", "Put it on view again"), ("sold", "Mark as sold")),
    "sold": (("renew", "Put it on view again"),),
}
FLAGS = {"draft": "Draft", "reserved": "Reserved", "sold": "Sold", "expired": "Expired"}


@blueprint.get("/account/listings")
@login_required
def mine() -> Response:
    """The signed-in user's listings in every state, newest first."""
    after = pagination.cursor(parts=1)
    with read(current_user.owner) as session:
        found = listings.own(session, after[0] if after else None, listings.PAGE + 1)
    rows = found[: listings.PAGE]
    following = f"/account/listings?after={pagination.encode(rows[-1].id)}" if len(found) > len(rows) else ""
    first = "/account/listings" if after else ""
    shown = [_row(row) for row in rows]
    drafts = any(row.state == "draft" for row in rows)
    context = {"drafts": drafts, "draft_days": listings.DRAFT_DAYS}
    return caching.no_store(page("public/listings/mine.html", rows=shown, first=first, following=following, **context))


def _row(row: Row[Any]) -> ListingRow:
    public = ids.public(row.id)
    return ListingRow(
        f"/post/{public}/edit" if row.state == "draft" else f"/l/{public}/manage",
        row.title or "Untitled draft",
        price(row.price_kind, row.price_amount, row.price_currency),
        full_city_name(row.city) if row.city else "No place yet",
        row.published_at or row.created_at,
        FLAGS.get(listings.state_of(row), ""),
        None,
    )


@blueprint.get("/l/<int:public>/manage")
def manage(public: int) -> Response:
    """What its seller can do with a listing."""
    return _manage_page(listing_id(public), Form({}))


def _manage_page(id: int, form: Form, status: int = 200) -> Response:
    with read(owner_of(id)) as session:
        listing = own_listing(session, id)
    state = listings.state_of(listing)
    response = page(
        "public/listings/manage.html",
        status,
        form=form,
        listing=listing,
        id=ids.public(id),
        state=state,
        flag=FLAGS.get(state, "On view"),
        buttons=_BUTTONS.get(state, ()),
        editable=state in listings.EDITABLE,
        new_again_days=listings.NEW_AGAIN_DAYS,
    )
    return caching.no_store(response)


def not_editable(public: int) -> Response:
    """Where the forms of a listing lead whose changes could not be saved."""
    return redirect_with_notice(f"/l/{public}/manage", "It is sold. Put it on view again before you change it.")


@blueprint.post("/l/<int:public>/manage")
def act(public: int) -> BaseResponse:
    """Reserve, release, renew or mark as sold."""
    form, id = Form(), listing_id(public)
    action = form.choice("action", _ACTIONS, required="Choose what to do with the listing.")
    if form.errors:
        return _manage_page(id, form, 422)
    verb, words = _ACTIONS[action]
    unit_of_work(owner_of(id), lambda session: verb(session, own_listing(session, id)))
    return redirect_with_notice(f"/l/{public}/manage", words)


@blueprint.route("/l/<int:public>/delete", methods=["GET", "POST"])
def delete(public: int) -> BaseResponse:
    """Ask once, then take the listing off the site for good."""
    id = listing_id(public)
    if request.method == "POST":
        unit_of_work(owner_of(id), lambda session: _remove(session, id))
        return redirect_with_notice("/account/listings" if viewer() else "/", "Your listing is deleted.")
    with read(owner_of(id)) as session:
        listing = own_listing(session, id)
    return caching.no_store(page("public/listings/delete.html", form=Form({}), listing=listing, id=public))


def _remove(session: OwnerSession, id: int) -> None:
    listings.remove(session, own_listing(session, id))
    listings.revoke_links(session, id)
