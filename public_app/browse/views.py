"""The browse pages: parse the address, read one page of the catalogue, render."""

from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from shared import catalog, categories, places
from shared.web import caching, pagination, query, urls
from shared.web.templating import page

from . import navigation
from .gallery import VIEWS, shows_photos
from .rows import listing_rows
from .topic import Topic, topic

blueprint = Blueprint("browse", __name__)
_HOME_ROWS = 20


@blueprint.get("/")
def home() -> Response:
    rows = catalog.page(catalog.Scope(), limit=_HOME_ROWS).rows
    response = page(
        "public/browse/home.html", rows=listing_rows(rows), directory=navigation.directory(), world=navigation.world()
    )
    return caching.share(response)


@blueprint.get("/in/<path:place>")
@blueprint.get("/c/<category>")
@blueprint.get("/c/<category>/in/<path:place>")
def browse(place: str = "", category: str = "") -> BaseResponse:
    subject = find_topic(place, category)
    if place and subject.place and subject.place.path != place:
        return redirect(subject.path, 301)
    return listings(subject)


def find_topic(place: str, category: str) -> Topic:
    """The topic of an address; raises NotFound for a place or category that is none."""
    found = places.by_path(place).id if place else 0
    return topic(found, categories.get(category).slug if category else "")


def listings(subject: Topic) -> Response:
    """One page of a topic's listings, as a list or a gallery."""
    view = query.choice("view", VIEWS, "list")
    after = pagination.cursor()
    photos = shows_photos(request, view)
    found = catalog.page(subject.scope, after, VIEWS[view])  # type: ignore[arg-type]
    shown = "" if view == "list" else view
    response = page(
        "public/browse/browse.html",
        topic=subject,
        rows=listing_rows(found.rows, within=subject.place.kind if subject.place else "", photos=photos),
        view=view,
        photos=photos,
        first_page=after is None,
        save=urls.save_search(
            place=subject.place.path if subject.place else "",
            category=subject.category.slug if subject.category else "",
        ),
        newest=urls.with_query(subject.path, view=shown),
        older=urls.with_query(subject.path, view=shown, after=pagination.encode(*found.next)) if found.next else "",
    )
    response.vary.add("Save-Data")
    return caching.share(response)
