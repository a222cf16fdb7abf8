"""/search and its feed."""

from flask import Blueprint, Response, redirect, request
from flask.blueprints import BlueprintSetupState
from werkzeug.wrappers import Response as BaseResponse

from public_app.browse.gallery import VIEWS, shows_photos
from public_app.browse.rows import listing_rows
from public_app.browse.topic import topic
from public_app.feeds.atom import feed
from shared import catalog, categories
from shared.errors import Invalid
from shared.search import IndexUnavailable, Sort, open_index
from shared.text import clean_line
from shared.web import caching, urls
from shared.web.pace import Pace
from shared.web.templating import page

from . import question
from .elsewhere import elsewhere
from .filters import filters
from .results import Results, find, suggestions

blueprint = Blueprint("search", __name__)


@blueprint.record_once
def _install(state: BlueprintSetupState) -> None:
    state.app.extensions["search_index"] = open_index(state.app.config["SETTINGS"])
    # Sixty at once, then one each second: more than anybody reads, fewer than a machine that takes everything.
    state.app.extensions["search_pace"] = Pace(60, 1.0)


_NOTHING = Results([], None, None)


@blueprint.get("/search")
def search() -> BaseResponse:
    asked = question.read(request.args)
    if asked.form.errors:
        return _page(asked, _NOTHING, 422)
    if asked.is_browsing:
        return redirect(_browse_path(asked), 302)
    photos = shows_photos(request, asked.view)
    found = _NOTHING if asked.is_empty else find(asked, photos=photos)
    response = _page(asked, found, photos=photos)
    response.vary.add("Save-Data")
    if found.total is None and not asked.is_empty:
        return caching.no_store(response)
    return caching.share(response)


@blueprint.get("/search/suggest")
def suggest() -> Response:
    """How the question that is being typed may go on: the options of a datalist, for htmx."""
    typed = clean_line(request.args.get("q", ""))[: question.LONGEST_TEXT]
    return caching.share(page("public/search/suggestions.html", suggestions=suggestions(typed)))


@blueprint.get("/search.atom")
def search_feed() -> Response:
    asked = question.read(request.args)
    if asked.form.errors:
        raise Invalid(asked.form.errors, " ".join(asked.form.errors.values()))
    asked.sort, asked.view, asked.page = asked.sort or Sort.NEWEST.value, "list", 1
    if asked.is_browsing or asked.is_empty:
        rows = listing_rows(catalog.page(catalog.Scope.of(asked.place, asked.category), limit=VIEWS["list"]).rows)
    else:
        found = find(asked)
        if found.total is None:
            # A feed reader keeps what it took in, and without the index no filter holds.
            raise IndexUnavailable("The search is being repaired. The feed will be back soon.")
        rows = found.rows
    path = asked.address(view=None)
    return feed(heading(asked), path, urls.feed(path), rows)


def _browse_path(asked: question.Question) -> str:
    place, category = asked.place.path if asked.place else "", asked.category.slug if asked.category else ""
    return urls.browse(place, category, view=asked.form["view"])


def _page(asked: question.Question, found: Results, status: int = 200, photos: bool = False) -> Response:
    return page(
        "public/search/results.html",
        status,
        asked=asked,
        form=asked.form,
        found=found,
        photos=photos,
        elsewhere=[] if found.rows or asked.is_empty or asked.form.errors else elsewhere(asked, found.missing),
        heading=heading(asked),
        save=urls.save_search(**{**asked.lasting(), "q": found.corrected or asked.text}),
        first=(asked.page - 1) * asked.per_page + 1,
        newer=asked.address(page=asked.page - 1 if asked.page > 2 else None) if asked.page > 1 else "",
        older=asked.address(page=found.next_page) if found.next_page else "",
        filters=filters(asked),
        named=asked.category is None and categories.named(asked.text),
    )


def heading(asked: question.Question) -> str:
    """The question in words, as the title of its answers."""
    quoted = asked.text if '"' in asked.text else f"“{asked.text}”"
    what = quoted if asked.text else asked.category.name if asked.category else "Listings"
    if asked.text and asked.category:
        what += f" in {asked.category.name}"
    where = topic(asked.place.id).heading if asked.place else ""
    return f"{what}, {where}" if where else what
