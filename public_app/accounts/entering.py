"""Signing up, confirming the address, logging in and out."""

from typing import Any

from flask import Response, redirect, request
from flask_login import current_user, login_required
from werkzeug.wrappers import Response as BaseResponse

from shared import accounts
from shared.sharding import unit_of_work
from shared.web import cookies, urls
from shared.web.notices import redirect_with_notice

from .forms import AccountForm, agent, network
from .pages import ask_for_mail, form_page, mailed, spent
from .routes import blueprint, sign_in, sign_out

_NEXT = "next"
_NEW_LINK = ("/account/confirm", "Ask for a new link")


@blueprint.route("/signup", methods=["GET", "POST"])
def signup() -> BaseResponse:
    """A new account. The answer is the same for an address that has one: its holder is told by mail."""
    form = AccountForm(_next_and_form())
    if request.method != "POST" or not _signed_up(form):
        return form_page("signup", form)
    return _keep_next(redirect("/signup/sent", 303), form)


def _signed_up(form: AccountForm) -> bool:
    # The room says what is missing, so that every field at fault is named at once.
    email = form.text("email", longest=254)
    name = form.text("name", longest=60)
    password = form.secret("password", required="")
    form.attempt(accounts.sign_up, email, password, name, network())
    return not form.errors


def _keep_next(response: BaseResponse, form: AccountForm) -> BaseResponse:
    """Have the browser keep where it was going for as long as the mailed link works."""
    if form["next"]:
        cookies.write(response, _NEXT, _after(form["next"]), accounts.links.LIFETIME_SECONDS[accounts.links.CONFIRM])
    return response


@blueprint.get("/signup/sent")
def signup_sent() -> Response:
    """What to do after signing up."""
    return mailed("We have sent you an e-mail. Open the link in it and enter your password once more.")


@blueprint.route("/account/confirm", methods=["GET", "POST"])
def ask_confirmation() -> BaseResponse:
    """Another link to confirm the address."""
    return ask_for_mail("ask_confirmation", accounts.ask_confirmation, "/account/confirm/sent")


@blueprint.get("/account/confirm/sent")
def confirmation_sent() -> Response:
    """What to do after asking for another link."""
    return mailed("If that address has an account that is not confirmed yet, a new link is on its way to it.")


@blueprint.route("/account/confirm/<token>", methods=["GET", "POST"])
def confirm(token: str) -> BaseResponse:
    """Confirm the address, log in and go on to where one was going before signing up.

    A form, because mail scanners follow every link but send none.
    """
    form = AccountForm()
    try:
        accounts.look_at_link(accounts.links.CONFIRM, token, network())
        cookie = _confirmed(form, token) if request.method == "POST" else ""
    except accounts.LinkSpent:
        return spent(*_NEW_LINK)
    if not cookie:
        return form_page("confirm", form)
    _end_session()
    after = _after(cookies.read(_NEXT))
    response = redirect_with_notice(after, "Your address is confirmed, and you are logged in.")
    cookies.erase(response, _NEXT)
    return sign_in(response, cookie)


def _confirmed(form: AccountForm, token: str) -> str:
    password = form.secret("password", required="Enter the password that you chose when you signed up")
    return form.attempt(accounts.confirm, token, password, agent(), network()) or ""


@blueprint.route("/login", methods=["GET", "POST"])
def login() -> BaseResponse:
    """Log in and go on to where `next` says, if that is on this site."""
    form = AccountForm(_next_and_form())
    after = _after(form["next"])
    if request.method != "POST":
        return redirect(after, 303) if current_user.is_authenticated else form_page("login", form)
    cookie = _logged_in(form)
    if not cookie:
        return form_page("login", form)
    _end_session()
    return sign_in(redirect(after, 303), cookie)


def _next_and_form() -> Any:
    return request.form if request.method == "POST" else {"next": request.args.get("next", "")}


def _after(wanted: str) -> str:
    return urls.own_path(wanted[:1000], "/account")


def _logged_in(form: AccountForm) -> str:
    email = form.text("email", longest=254, required="Enter your e-mail address")
    password = form.secret("password", required="Enter your password")
    return form.attempt(accounts.log_in, email, password, agent(), network()) or ""


@blueprint.post("/logout")
@login_required
def logout() -> Response:
    """End this session, on the server and in the browser."""
    _end_session()
    return sign_out(redirect_with_notice("/", "You are logged out."))


def _end_session() -> None:
    """End the session that this browser came with, if any."""
    if current_user.is_authenticated:
        session_id = current_user.session
        unit_of_work(current_user.owner, lambda session: accounts.log_out(session, session_id))
