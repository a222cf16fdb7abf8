"""What somebody has saved: the list in his account, and each search there or by the link in its mails."""

from collections.abc import Callable
from typing import NamedTuple

from flask import Response, current_app, request
from flask_login import current_user, login_required
from werkzeug.wrappers import Response as BaseResponse

from shared import accounts, alerts, clock, ids
from shared.alerts import SavedSearch
from shared.errors import Invalid, NotFound
from shared.ids import owner_of
from shared.sharding import OwnerSession, read, unit_of_work
from shared.web import urls
from shared.web.forms import Form
from shared.web.notices import redirect_with_notice
from shared.web.templating import page

from .routes import blueprint

_WEEK = 7 * 86_400
Load = Callable[[OwnerSession], SavedSearch]
# What a button does, and what is said when it is done.
_VERBS = {
    "confirm": (alerts.confirm, "The search is confirmed. We write when something new matches it."),
    "pause": (alerts.pause, "The search is paused: there will be no mail about it."),
    "resume": (alerts.resume, "We look again, for what comes from now on."),
    "delete": (alerts.remove, "The search is deleted."),
}
_STATES = {"active": "", "paused": "Paused", "unconfirmed": "Not confirmed yet"}


class _Row(NamedTuple):
    """A saved search in the list."""

    name: str
    url: str
    change: str
    frequency: str
    flag: str
    news: int
    newest: str


@blueprint.get("/account/searches")
@login_required
def mine() -> Response:
    """The saved searches of the signed-in user, and how much is new in each."""
    with read(current_user.owner) as session:
        saved = alerts.searches(session)
        news = alerts.news(session, clock.now() - _WEEK)
    return page("public/alerts/list.html", rows=[_row(each, news.get(each.id, 0)) for each in saved])


def _row(search: SavedSearch, news: int) -> _Row:
    return _Row(
        search.name,
        urls.search(**search.parameters),
        f"/account/searches/{ids.public(search.id)}",
        dict(alerts.frequencies())[search.frequency],
        _STATES[search.state],
        news,
        urls.search(**{**search.parameters, "sort": "newest", "since": "week"}),
    )


@blueprint.route("/account/searches/<int:public>", methods=["GET", "POST"])
@login_required
def one(public: int) -> BaseResponse:
    """Change, pause or delete one of them."""
    if public > ids.MAX_ID or owner_of(ids.from_public(public)) != current_user.owner:
        raise NotFound("There is no such saved search.")
    search = ids.from_public(public)
    return _manage(search, lambda session: alerts.search_of(session, search), "/account/searches")


@blueprint.route("/searches/<token>", methods=["GET", "POST"])
def by_link(token: str) -> BaseResponse:
    """The same by the link in a mail, without logging in; that is also how a guest confirms his search.

    Opening the link changes nothing: mail scanners follow links, but send no forms.
    """
    key = current_app.config["SETTINGS"].secret_key

    def load(session: OwnerSession) -> SavedSearch:
        return alerts.search_for_token(session, key, token, accounts.contact(session))

    return _manage(alerts.search_of_token(token), load, "")


def _manage(search_id: int, load: Load, overview: str) -> BaseResponse:
    """The form of a search, or what was done with it; `overview` leads to the list, "" for whoever has none."""
    if request.method == "GET":
        with read(owner_of(search_id)) as session:
            search = load(session)
        return _form_page(search, Form({"name": search.name, "frequency": search.frequency}), overview)
    form = Form()
    verb, words = _VERBS.get(form["action"], (_changing(form), "Your changes are saved."))
    try:
        unit_of_work(owner_of(search_id), lambda session: verb(session, load(session)))
    except Invalid as error:
        form.reject(error.fields)
        with read(owner_of(search_id)) as session:
            return _form_page(load(session), form, overview)
    here = "/" if verb is alerts.remove else request.path
    return redirect_with_notice(overview or here, words)


def _changing(form: Form) -> Callable[[OwnerSession, SavedSearch], None]:
    return lambda session, search: alerts.change(session, search, form["name"], form["frequency"])


def _form_page(search: SavedSearch, form: Form, overview: str) -> Response:
    return page(
        "public/alerts/search.html",
        422 if form.errors else 200,
        form=form,
        search=search,
        flag=_STATES[search.state],
        found=urls.search(**search.parameters),
        overview=overview,
        action=request.path,
        frequencies=alerts.frequencies(),
    )
