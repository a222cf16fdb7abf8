"""Saving a listing, forgetting it, and the list. Rows come from the catalogue; what left it is looked up by itself."""

from collections.abc import Sequence

from flask import Blueprint, Response, request
from flask_login import current_user, login_required
from werkzeug.wrappers import Response as BaseResponse

from public_app.browse.rows import ListingRow, full_city_name, listing_rows
from public_app.listings.access import listing_id
from public_app.listings.showing import FLAGS
from shared import catalog, ids, listings
from shared.errors import NotFound
from shared.listings import Liked
from shared.sharding import read, unit_of_work
from shared.web import caching, pagination
from shared.web.forms import Form
from shared.web.notices import redirect_with_notice
from shared.web.templating import page

blueprint = Blueprint("favourites", __name__)
_PAGE = 30


@blueprint.route("/l/<int:public>/save", methods=["GET", "POST"])
@login_required
def save(public: int) -> BaseResponse:
    """Ask, then save the listing, or forget it when it is saved; one can forget what is gone, but not save it."""
    id, owner = listing_id(public), current_user.owner
    if request.method == "POST":
        return _change(id, Form())
    with read(owner) as session:
        saved = listings.is_favourite(session, id)
    title = _title(id)
    if not title and not saved:
        raise NotFound("There is no such listing.")
    title = title or "A listing that is gone"
    return caching.no_store(page("public/favourites/save.html", form=Form({}), title=title, saved=saved, id=public))


def _title(id: int) -> str:
    """The listing's title, "" for one that is not, or no longer, shown."""
    try:
        shown = listings.shown(id)
    except NotFound:
        return ""
    return "" if shown.state == "removed" else str(shown.listing.title)


def _change(id: int, form: Form) -> BaseResponse:
    owner: int = current_user.owner
    if form["action"] == "forget":
        unit_of_work(owner, lambda session: listings.remove_favourite(session, id))
        return redirect_with_notice("/favourites", "It is no longer among your favourites.")
    shown = listings.shown(id)
    if shown.state == "removed":
        raise NotFound("There is no such listing.")
    row = shown.listing
    price = (row.price_amount, row.price_currency)
    unit_of_work(owner, lambda session: listings.add_favourite(session, id, row.city, price))
    return redirect_with_notice("/favourites", "It is among your favourites.")


@blueprint.get("/favourites")
@login_required
def favourites() -> Response:
    """What the signed-in user saved, the latest first."""
    after = pagination.cursor(parts=1)
    with read(current_user.owner) as session:
        found = listings.favourites(session, after[0] if after else None, _PAGE + 1)
    liked = found[:_PAGE]
    following = f"/favourites?after={pagination.encode(liked[-1].id)}" if len(found) > len(liked) else ""
    first = "/favourites" if after else ""
    return caching.no_store(page("public/favourites/list.html", rows=_rows(liked), first=first, following=following))


def _rows(liked: Sequence[Liked]) -> list[tuple[ListingRow, int]]:
    on_view = catalog.rows_by_ids((each.city, each.listing) for each in liked)
    shown = {row.listing: words for row, words in zip(on_view, listing_rows(on_view), strict=True)}
    return [(shown.get(each.listing) or _ended(each), ids.public(each.listing)) for each in liked]


def _ended(liked: Liked) -> ListingRow:
    """A favourite that the catalogue does not have at its place: sold, expired, moved, or gone."""
    public = ids.public(liked.listing)
    try:
        found = listings.shown(liked.listing)
    except NotFound:
        return ListingRow(f"/l/{public}", "Removed listing", "", "", liked.created_at, "Gone", None)
    if found.state == "removed":
        return ListingRow(f"/l/{public}", "Removed listing", "", "", liked.created_at, "Gone", None)
    row = found.listing
    flag = FLAGS.get(found.state, "")
    return ListingRow(f"/l/{public}", row.title, "", full_city_name(row.city), liked.created_at, flag, None)
