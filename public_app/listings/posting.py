"""Posting: choose a category, which makes the draft, then say what it is. Every step has an address to come back to."""

from flask import Response, current_app, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from shared import categories, ids, listings
from shared.accounts import throttle
from shared.ids import owner_of
from shared.sharding import OwnerSession, once, read, unit_of_work
from shared.web import caching, client
from shared.web.forms import Form
from shared.web.notices import redirect_with_notice
from shared.web.templating import page, viewer

from .access import browser_key, keep_browser_key, listing_id, own_listing
from .entry import Entry, category_options, form_choices, form_of, read_entry
from .managing import not_editable
from .routes import blueprint

_CATEGORY_SLUGS = frozenset(category.slug for category in categories.CATEGORIES)


@blueprint.get("/post")
def start() -> Response:
    """The first step: in which category?"""
    return _choose_category(Form({"category": request.args.get("category", "")}))


@blueprint.post("/post")
def start_draft() -> BaseResponse:
    """Make the draft, for the signed-in user or for a guest of its own."""
    form = Form()
    category = form.choice("category", _CATEGORY_SLUGS, required="Choose the category that fits best.")
    token = form.one_time_token()
    if form.errors:
        return _choose_category(form, 422)
    user = viewer()
    throttle.count("post", account=str(user.owner) if user else "", network=client.client_network(request))
    if user is not None:
        key = bytes.fromhex(token)
        draft = once(user.owner, key, lambda session: listings.start_draft(session, category, user.name))
        return redirect(_step(draft, "edit"), 303)
    return keep_browser_key(redirect(_step(_guest_draft(category, token), "edit"), 303))  # type: ignore[arg-type]


def _guest_draft(category: str, token: str) -> int:
    owner = listings.guest_owner(token, current_app.config["SETTINGS"].allocation)
    key = browser_key()
    return once(owner, bytes.fromhex(token), lambda session: listings.start_guest_draft(session, category, key))


def _choose_category(form: Form, status: int = 200) -> Response:
    return page("public/listings/start.html", status, form=form, options=category_options())


@blueprint.route("/post/<int:public>/category", methods=["GET", "POST"])
def category(public: int) -> BaseResponse:
    """Put a draft in another category."""
    draft = listing_id(public)
    form = Form()
    if request.method == "POST":
        chosen = form.choice("category", _CATEGORY_SLUGS, required="Choose the category that fits best.")
        if not form.errors:
            unit_of_work(
                owner_of(draft),
                lambda session: listings.change_category(session, own_listing(session, draft), chosen),
            )
            return redirect(_step(draft, "edit"), 303)
    with read(owner_of(draft)) as session:
        listing = own_listing(session, draft)
    form = form if form.errors else Form({"category": listing.category})
    status = 422 if form.errors else 200
    return page("public/listings/category.html", status, form=form, options=category_options(), id=public)


@blueprint.get("/post/<int:public>/edit")
def edit(public: int) -> BaseResponse:
    """The details form, for a draft and for a listing on view; not for one whose changes could not be saved."""
    with read(owner_of(listing_id(public))) as session:
        listing = own_listing(session, listing_id(public))
    if listing.state not in listings.EDITABLE:
        return not_editable(public)
    return _details_form(listing, form_of(listing), Entry(None, ()))


@blueprint.post("/post/<int:public>/edit")
def save(public: int) -> BaseResponse:
    """Save the details, or show the form again with all that was typed."""
    form, id = Form(), listing_id(public)
    with read(owner_of(id)) as session:
        listing = own_listing(session, id)
    entry = read_entry(form, categories.get(listing.category))
    details = entry.details
    if details is None:
        return _details_form(listing, form, entry, 422)
    try:
        state = unit_of_work(owner_of(id), lambda session: _edit(session, id, details, form["seen"]))
    except listings.Overtaken as error:
        return _details_again(id, form, entry, error.message)
    if state == "draft":
        return redirect(_step(id, "photos"), 303)
    return redirect_with_notice(f"/l/{public}/manage", "Your changes are saved.")


def _edit(session: OwnerSession, id: int, details: listings.Details, seen: str) -> str:
    listing = own_listing(session, id)
    listings.edit(session, listing, details, seen)
    return listing.state


def _details_again(id: int, form: Form, entry: Entry, words: str) -> Response:
    """The form with what was typed, now over what another window has saved."""
    with read(owner_of(id)) as session:
        listing = own_listing(session, id)
    again = Form({**form.values, "seen": listings.edition(listing)})
    again.reject({"": f"{words} What you typed is below. Saving it again replaces the other change."})
    return _details_form(listing, again, entry, 409)


def _details_form(listing: listings.Listing, form: Form, entry: Entry, status: int = 200) -> Response:
    response = page(
        "public/listings/edit.html",
        status,
        form=form,
        listing=listing,
        id=ids.public(listing.id),
        draft_days=listings.DRAFT_DAYS,
        **form_choices(categories.get(listing.category)),
        cities=[(city.id, city.full_name) for city in entry.cities],
    )
    return caching.no_store(response)


def _step(id: int, name: str) -> str:
    return f"/post/{ids.public(id)}/{name}"
