"""Signing up, confirming the address, logging in and out."""

from typing import Any

from flask import Response, redirect, request
from flask_login import current_user, login_required
from werkzeug.wrappers import Response as BaseResponse

from shared import accounts
from shared.sharding import unit_of_work
from shared.web import urls
from shared.web.notices import redirect_with_notice

from .forms import AccountForm, agent, network
from .pages import form_page, mailed, spent
from .routes import blueprint, sign_in, sign_out

_NEW_LINK = ("/account/confirm", "Ask for a new link")


@blueprint.route("/signup", methods=["GET", "POST"])
def signup() -> BaseResponse:
    """A new account. The answer is the same for an address that has one: its holder is told by mail."""
    form = AccountForm()
    if request.method == "GET" or not _signed_up(form):
        return form_page("signup", form)
    return redirect("/signup/sent", 303)


def _signed_up(form: AccountForm) -> bool:
    # The room says what is missing, so that every field at fault is named at once.
    email = form.text("email", longest=254)
    name = form.text("name", longest=60)
    password = form.secret("password", required="")
    form.attempt(accounts.sign_up, email, password, name, network())
    return not form.errors


@blueprint.get("/signup/sent")
def signup_sent() -> Response:
    """What to do after signing up."""
    return mailed("We have sent you an e-mail. Open the link in it to confirm your address, then log in.")


@blueprint.route("/account/confirm", methods=["GET", "POST"])
def ask_confirmation() -> BaseResponse:
    """Another link to confirm the address."""
    form = AccountForm()
    if request.method == "POST":
        email = form.text("email", longest=254, required="Enter your e-mail address")
        form.attempt(accounts.ask_confirmation, email, network())
        if not form.errors:
            return redirect("/account/confirm/sent", 303)
    return form_page("ask_confirmation", form)


@blueprint.get("/account/confirm/sent")
def confirmation_sent() -> Response:
    """What to do after asking for another link."""
    return mailed("If that address has an account that is not confirmed yet, a new link is on its way to it.")


@blueprint.route("/account/confirm/<token>", methods=["GET", "POST"])
def confirm(token: str) -> BaseResponse:
    """A button, because mail scanners follow every link but send no forms."""
    form = AccountForm()
    try:
        accounts.look_at_link(accounts.links.CONFIRM, token, network())
        if request.method == "POST":
            password = form.secret("password", required="Enter the password that you chose when you signed up")
            form.attempt(accounts.confirm, token, password, network())
            if not form.errors:
                return redirect_with_notice("/login", "Your address is confirmed. You can log in now.")
    except accounts.LinkSpent:
        return spent(*_NEW_LINK)
    return form_page("confirm", form)


@blueprint.route("/login", methods=["GET", "POST"])
def login() -> BaseResponse:
    """Log in and go on to where `next` says, if that is on this site."""
    form = AccountForm(_next_and_form())
    after = urls.own_path(form["next"], "/account")
    if request.method == "GET":
        return redirect(after, 303) if current_user.is_authenticated else form_page("login", form)
    cookie = _logged_in(form)
    if not cookie:
        return form_page("login", form)
    _end_session()
    return sign_in(after, cookie)


def _next_and_form() -> Any:
    return request.form if request.method == "POST" else {"next": request.args.get("next", "")[:1000]}


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
