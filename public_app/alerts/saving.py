"""Saving the search that an address of the search page asks."""

from flask import Response, current_app, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from public_app.search import question
from public_app.search.question import Question
from public_app.search.views import heading
from shared import alerts, listings
from shared.accounts import throttle
from shared.accounts.addresses import claim_value, parse_address
from shared.alerts import NAME_LONGEST, Wish
from shared.alerts.keys import Keys
from shared.errors import Conflict, Invalid
from shared.sharding import once
from shared.web import client, urls
from shared.web.forms import Form
from shared.web.notices import redirect_with_notice
from shared.web.templating import page, viewer

from .routes import blueprint


@blueprint.route("/searches/new", methods=["GET", "POST"])
def new() -> BaseResponse:
    """What the search is called and how often there may be mail; without an account, where it goes."""
    asked = question.read(request.args)
    if asked.form.errors or asked.is_empty:
        return redirect(asked.address(), 303)
    # Read anew without what passes: an order by price, say, would leave out what has none.
    asked = question.read(asked.lasting())
    form = Form() if request.method == "POST" else Form({"name": heading(asked)[:NAME_LONGEST], "frequency": "daily"})
    try:
        keys = current_app.extensions["search_keys"].keys(alerts.to_text(asked.request()))
    except Invalid as error:
        return page("public/alerts/too_wide.html", 422, words=error.fields[""], back=asked.address())
    saved = _save(form, asked, keys) if request.method == "POST" else None
    return saved or _form_page(form, asked)


@blueprint.get("/searches/sent")
def sent() -> Response:
    """Where a guest looks for the mail."""
    return page("public/alerts/sent.html")


def _save(form: Form, asked: Question, keys: Keys) -> BaseResponse | None:
    """Save the search; None when something has to be changed first."""
    wish = Wish(form["name"], form["frequency"], asked.lasting(), alerts.to_text(asked.request()))
    token, user = form.one_time_token(), viewer()
    if form.errors:
        return None
    try:
        if user is None:
            return _save_for_guest(form["email"], token, wish, keys)
        once(user.owner, bytes.fromhex(token), lambda session: alerts.save(session, wish, keys))
    except Invalid as error:
        form.reject(error.fields)
        return None
    except Conflict as error:
        form.reject({"": error.message})
        return None
    return redirect_with_notice("/account/searches", "The search is saved. We write when something new matches it.")


def _save_for_guest(email: str, token: str, wish: Wish, keys: Keys) -> BaseResponse:
    address = parse_address(email)
    throttle.count("guest_link", account=claim_value(address), network=client.client_network(request))
    owner = listings.guest_owner(token, current_app.config["SETTINGS"].allocation)
    once(owner, bytes.fromhex(token), lambda session: alerts.save_for_guest(session, address, wish, keys))
    return redirect("/searches/sent", 303)


def _form_page(form: Form, asked: Question) -> Response:
    return page(
        "public/alerts/new.html",
        422 if form.errors else 200,
        form=form,
        heading=heading(asked),
        back=asked.address(),
        action=urls.save_search(**asked.lasting()),
        frequencies=alerts.frequencies(),
    )
