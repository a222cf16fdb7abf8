"""The feed of each browse page, under the page's own address."""

from flask import Blueprint, Response, redirect
from werkzeug.wrappers import Response as BaseResponse

from public_app.browse.rows import listing_rows
from public_app.browse.views import find_topic
from shared import catalog
from shared.web import urls

from .atom import feed

blueprint = Blueprint("feeds", __name__)
ENTRIES = 30


@blueprint.get("/feed.atom")
def newest() -> Response:
    rows = catalog.page(catalog.Scope(), limit=ENTRIES).rows
    return feed("The newest listings", "/", "/feed.atom", listing_rows(rows))


@blueprint.get("/in/<path:place>/feed.atom")
@blueprint.get("/c/<category>/feed.atom")
@blueprint.get("/c/<category>/in/<path:place>/feed.atom")
def of_topic(place: str = "", category: str = "") -> BaseResponse:
    subject = find_topic(place, category)
    address = urls.feed(subject.path)
    if subject.place and subject.place.path != place:
        return redirect(address, 301)
    rows = catalog.page(subject.scope, limit=ENTRIES).rows
    return feed(subject.title, subject.path, address, listing_rows(rows))
