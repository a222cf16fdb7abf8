"""The account of whoever is signed in: what it says, changing it, closing it."""

from flask import Response, request
from flask_login import current_user, login_required
from werkzeug.wrappers import Response as BaseResponse

from shared import accounts, ids, listings, preferences
from shared.errors import NotFound
from shared.sharding import OwnerSession, read, unit_of_work
from shared.text import whole_number
from shared.web.notices import redirect_with_notice
from shared.web.templating import page

from .agents import in_words
from .forms import AccountForm, network
from .pages import form_page, spent
from .routes import blueprint, sign_out


@blueprint.get("/account")
@login_required
def overview() -> Response:
    """Name, address and where the account is signed in."""
    with read(current_user.owner) as session:
        browsers, bouncing = accounts.browsers(session), preferences.stopped(session)
    context = {"browsers": browsers, "bouncing": bouncing, "in_words": in_words, "public_id": ids.public}
    return page("public/accounts/overview.html", user=current_user, **context)


@blueprint.route("/account/name", methods=["GET", "POST"])
@login_required
def change_name() -> BaseResponse:
    """Another public name, on the listings too."""
    form = AccountForm() if request.method == "POST" else AccountForm({"name": current_user.name})
    if request.method == "POST":
        name = form.text("name", longest=60, required="Enter the name that others will see")
        form.attempt(unit_of_work, current_user.owner, lambda session: _rename(session, name))
        if not form.errors:
            return redirect_with_notice("/account", "Your name is changed.")
    return form_page("name", form)


def _rename(session: OwnerSession, name: str) -> None:
    listings.rename_seller(session, accounts.change_name(session, name))


@blueprint.route("/account/email", methods=["GET", "POST"])
@login_required
def change_email() -> BaseResponse:
    """Ask for a move to another address; the link goes there."""
    form = AccountForm()
    if request.method == "POST":
        email = form.text("email", longest=254, required="Enter your new e-mail address")
        password = form.secret("password", required="Enter your password")
        form.attempt(accounts.ask_address_change, current_user.owner, email, password, network())
        if not form.errors:
            return redirect_with_notice("/account", "Open the link that we have sent to the new address.")
    return form_page("email", form, user=current_user)


@blueprint.route("/account/email/<token>", methods=["GET", "POST"])
def confirm_email(token: str) -> BaseResponse:
    """Finish the move: works in any browser, since the link went to the new address only."""
    form = AccountForm()
    try:
        accounts.look_at_link(accounts.links.ADDRESS, token, network())
        if request.method == "POST":
            form.attempt(accounts.change_address, token)
            if not form.errors:
                return redirect_with_notice("/account", "Your e-mail address is changed.")
    except accounts.LinkSpent:
        return spent("/account/email", "Change the address again")
    return form_page("confirm_email", form)


@blueprint.route("/account/password", methods=["GET", "POST"])
@login_required
def change_password() -> BaseResponse:
    """Another password; other browsers are logged out."""
    form = AccountForm()
    if request.method == "POST":
        current = form.secret("current", required="Enter your present password")
        new = form.secret("password", required="Choose a password")
        user = current_user
        form.attempt(accounts.change_password, user.owner, current, new, keep_session=user.session, network=network())
        if not form.errors:
            return redirect_with_notice("/account", "Your password is changed. Other browsers are logged out.")
    return form_page("password", form)


@blueprint.post("/account/sessions")
@login_required
def end_sessions() -> BaseResponse:
    """Log out one browser (`session` is its public id), or all but this one (`session` is "others") or all ("all")."""
    chosen, here = request.form.get("session", ""), current_user.session
    public = whole_number(chosen, high=ids.MAX_ID)
    ended = None if public is None else ids.from_public(public)
    if ended is not None and ids.owner_of(ended) == current_user.owner:
        unit_of_work(current_user.owner, lambda session: accounts.log_out(session, ended))
        return _after_ending(ended == here, "That browser is logged out.")
    if chosen not in ("others", "all"):
        raise NotFound("That is no browser of yours. Your account's page shows where you are logged in.")
    but = here if chosen == "others" else 0
    unit_of_work(current_user.owner, lambda session: accounts.log_out_everywhere(session, but=but))
    return _after_ending(chosen == "all", "All other browsers are logged out.")


def _after_ending(here: bool, words: str) -> BaseResponse:
    return (
        sign_out(redirect_with_notice("/", "You are logged out.")) if here else redirect_with_notice("/account", words)
    )


@blueprint.route("/account/close", methods=["GET", "POST"])
@login_required
def close() -> BaseResponse:
    """Close the account, and take its listings off the site."""
    form = AccountForm()
    if request.method == "POST":
        password = form.secret("password", required="Enter your password")
        form.attempt(_close, current_user.owner, password)
        if not form.errors:
            return sign_out(redirect_with_notice("/", "Your account is closed. Farewell."))
    return form_page("close", form)


def _close(owner: int, password: str) -> None:
    accounts.check_password(owner, password, network())
    unit_of_work(owner, _leave)
    accounts.settle_address(owner)


def _leave(session: OwnerSession) -> None:
    listings.remove_all_of(session)
    accounts.close_account(session)
