"""Setting a new password by mail."""

from flask import Response, request
from flask import redirect as to
from werkzeug.wrappers import Response as BaseResponse

from shared import accounts
from shared.web.notices import redirect_with_notice

from .forms import AccountForm, network
from .pages import form_page, mailed, spent
from .routes import blueprint, sign_out

_NEW_LINK = ("/reset", "Ask for a new link")


@blueprint.route("/reset", methods=["GET", "POST"])
def ask_reset() -> BaseResponse:
    """A link to set a new password; the answer tells nothing about the address."""
    form = AccountForm()
    if request.method == "POST":
        email = form.text("email", longest=254, required="Enter your e-mail address")
        form.attempt(accounts.ask_reset, email, network())
        if not form.errors:
            return to("/reset/sent", 303)
    return form_page("ask_reset", form)


@blueprint.get("/reset/sent")
def reset_sent() -> Response:
    """What to do after asking for a link."""
    return mailed(
        "If that address has an account, a link to set a new password is on its way to it. It works for an hour."
    )


@blueprint.route("/reset/<token>", methods=["GET", "POST"])
def reset(token: str) -> BaseResponse:
    """Set a new password by a mailed link; every browser is logged out, this one too."""
    form = AccountForm()
    try:
        accounts.look_at_link(accounts.links.RESET, token, network())
        if request.method == "POST" and _was_reset(form, token):
            return sign_out(redirect_with_notice("/login", "Your new password is set. You can log in now."))
    except accounts.LinkSpent:
        return spent(*_NEW_LINK)
    return form_page("reset", form)


def _was_reset(form: AccountForm, token: str) -> bool:
    password = form.secret("password", required="Choose a password")
    form.attempt(accounts.reset_password, token, password)
    return not form.errors
