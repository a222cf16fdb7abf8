"""Which mails somebody gets. Who has a link of a mail needs no account and no session: the mailbox is the proof."""

from collections.abc import Callable
from functools import partial

from flask import Blueprint, Response, current_app, request
from flask_login import current_user, login_required
from werkzeug.wrappers import Response as BaseResponse

from shared import accounts, preferences
from shared.accounts import Contact
from shared.errors import NotFound
from shared.events import MailCheckAsked, record
from shared.preferences import Kind
from shared.sharding import OwnerSession, read, unit_of_work
from shared.web import caching, csrf
from shared.web.client import client_network
from shared.web.forms import Form
from shared.web.notices import redirect_with_notice
from shared.web.templating import page

Prove = Callable[[OwnerSession], Contact]
blueprint = Blueprint("preferences", __name__)
WORDS = {
    Kind.MESSAGES: "Messages that somebody writes to you",
    Kind.ALERTS: "Alerts: new listings that fit a search you saved",
    Kind.PRICE_DROPS: "Favourites that cost less than before",
    Kind.EXPIRY: "Listings of yours that are about to end",
    Kind.NEWS: "News: now and then a letter about the site",
}


@blueprint.after_request
def _never_keep(response: Response) -> Response:
    return caching.no_store(response)


@blueprint.route("/account/mail", methods=["GET", "POST"])
@login_required
def mine() -> BaseResponse:
    """The signed-in user's mails."""
    return _choices(current_user.owner, "/account/mail", _account)


@blueprint.route("/mail/<token>", methods=["GET", "POST"])
def by_link(token: str) -> BaseResponse:
    """The same for whoever has a link of a mail."""
    prove = partial(preferences.redeem, key=_key(), token=token)
    return _choices(preferences.owner_of_token(token), f"/mail/{token}", prove)


def _account(session: OwnerSession) -> Contact:
    contact = accounts.contact(session)
    assert contact is not None, "signed in"
    return contact


def _choices(owner: int, path: str, prove: Prove) -> BaseResponse:
    with read(owner) as session:
        contact = prove(session)
        wanted, stopped = preferences.choices(session), preferences.stopped(session)
    form = Form()
    if request.method != "POST":
        shown = Form({kind: "1" for kind in Kind if wanted[kind]})
        address = contact.email if prove is _account else _masked(contact.email)
        context = {"path": path, "kinds": WORDS, "address": address, "stopped": stopped}
        return page("public/preferences/choices.html", form=shown, **context)
    if form.ticked("check"):
        accounts.throttle.count("confirm", account=str(owner), network=client_network(request))
        unit_of_work(owner, lambda session: record(session, MailCheckAsked(user=session.owner)))
        return redirect_with_notice(path, "A mail is on its way. Open the link in it.")
    chosen = {kind for kind in Kind if form.ticked(kind)}
    unit_of_work(owner, partial(_save, prove=prove, chosen=chosen))
    return redirect_with_notice(path, "Saved. You get the mails that are ticked.")


def _save(session: OwnerSession, prove: Prove, chosen: set[Kind]) -> None:
    prove(session)
    preferences.choose_all(session, chosen)


def _masked(address: str) -> str:
    """Enough of an address for its owner; a mail with the link may have been passed on."""
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}…@{domain}"


@blueprint.route("/mail/<token>/<kind>", methods=["GET", "POST"])
@csrf.exempt
def unsubscribe(token: str, kind: str) -> Response:
    """No more mails of one kind (RFC 8058): a mail program sends the POST by itself, without a cookie or our page.

    The token is the whole proof. A GET shows a button and changes nothing, because mail scanners follow every link.
    """
    owner, unwanted = preferences.owner_of_token(token), _kind(kind)
    prove = partial(preferences.redeem, key=_key(), token=token)
    if request.method == "POST":
        unit_of_work(owner, partial(_stop, prove=prove, kind=unwanted))
    with read(owner) as session:
        prove(session)
        wanted = preferences.choices(session)[unwanted]
    return page("public/preferences/stop.html", words=WORDS[unwanted], token=token, kind=unwanted, wanted=wanted)


def _stop(session: OwnerSession, prove: Prove, kind: Kind) -> None:
    prove(session)
    preferences.choose(session, kind, False)


@blueprint.route("/mail/arrived/<token>", methods=["GET", "POST"])
def arrived(token: str) -> BaseResponse:
    """Whoever opens this link gets mail again."""
    owner = preferences.owner_of_token(token)
    prove = partial(preferences.redeem, key=_key(), token=token, purpose=preferences.CHECK)
    if request.method != "POST":
        with read(owner) as session:
            prove(session)
        return page("public/preferences/arrived.html", form=Form({}), token=token)
    contact = unit_of_work(owner, partial(_reset, prove=prove))
    link = preferences.mint(_key(), contact)
    return redirect_with_notice(f"/mail/{link}", "Thank you. All the mails that you want come again.")


def _reset(session: OwnerSession, prove: Prove) -> Contact:
    contact = prove(session)
    preferences.reset(session)
    return contact


def _key() -> bytes:
    key: bytes = current_app.config["SECRET_KEY"]
    return key


def _kind(text: str) -> Kind:
    try:
        return Kind(text)
    except ValueError:
        raise NotFound("There is no such kind of mail.") from None
