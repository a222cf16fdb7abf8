"""Setting a new password by mail."""

from flask import Response, request
from werkzeug.wrappers import Response as BaseResponse

from shared import accounts
from shared.web.notices import redirect_with_notice

from .forms import AccountForm, network
from .pages import ask_for_mail, form_page, mailed, spent
from .routes import blueprint, sign_out

_NEW_LINK = ("/reset", "Ask for a new link")


@blueprint.route("/reset", methods=["GET", "POST"])
def ask_reset() -> BaseResponse:
    """A link to set a new password; the answer tells nothing about the address."""
    return ask_for_mail("ask_reset", accounts.ask_reset, "/reset/sent")


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
