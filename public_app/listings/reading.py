"""The public page of a listing, and of each of its photos: no cookie, no token, the same bytes for everybody.

On view 200. Sold 200 with noindex, so that links in mails and chats still explain themselves. Expired 410 and readable,
because search engines should drop it while people may look for what it was. Removed 410 and empty, a draft 404.
"""

from flask import Response, request
from werkzeug.exceptions import Gone

from public_app.browse.rows import ListingRow, listing_rows
from shared import catalog, listings
from shared.errors import NotFound
from shared.web import caching
from shared.web.client import saves_data
from shared.web.templating import page

from .access import listing_id
from .routes import blueprint
from .showing import offer_json, pictures, show

_ENDED = {"sold": 200, "expired": 410}


class Removed(Gone):
    """A listing that its seller or the staff took away."""

    description = "This listing was removed. What its seller said there is not kept for readers."


@blueprint.get("/l/<int:public>")
def listing(public: int) -> Response:
    """The listing's page; `?text=1` or the header Save-Data leaves out its photos."""
    shown = _shown(public)
    text_only = saves_data(request) or (bool(request.query_string) and request.args.get("text") == "1")
    row = shown.listing
    if shown.state not in _ENDED:
        version = f"{row.id} {row.revision} {row.seller_name} {text_only}"
        if unchanged := caching.not_modified(version):
            return _varying(unchanged)
    words = show(shown)
    response = page(
        "public/listings/listing.html",
        _ENDED.get(shown.state, 200),
        shown=words,
        public=public,
        text_only=text_only,
        offer_json=offer_json(words),
        similar=_similar(shown),
    )
    if shown.state in _ENDED:
        response.headers["X-Robots-Tag"] = "noindex"
    return _varying(caching.share(response))


@blueprint.get("/l/<int:public>/photo/<int:number>")
def photo(public: int, number: int) -> Response:
    """One photo as large as it is kept, with its neighbours."""
    shown = _shown(public)
    if not 1 <= number <= len(shown.photos):
        raise NotFound("This listing has no such photo.")
    found = pictures(shown.photos, shown.listing.title)
    response = page(
        "public/listings/photo.html",
        _ENDED.get(shown.state, 200),
        title=shown.listing.title,
        path=f"/l/{public}",
        picture=found[number - 1],
        count=len(found),
    )
    response.headers["X-Robots-Tag"] = "noindex"
    return caching.share(response)


def _shown(public: int) -> listings.Shown:
    shown = listings.shown(listing_id(public))
    if shown.state == "removed":
        raise Removed
    return shown


def _similar(shown: listings.Shown) -> list[ListingRow]:
    if shown.state not in _ENDED:
        return []
    row = shown.listing
    return listing_rows(catalog.similar(row.city, row.category, row.id), within="country")


def _varying(response: Response) -> Response:
    response.headers["Vary"] = "Save-Data"
    return response
