"""The pages of the room: a form, or a few words."""

from collections.abc import Callable
from typing import Any

from flask import Response, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from shared import accounts
from shared.web.templating import page

from .forms import AccountForm, network


def form_page(name: str, form: AccountForm, **context: Any) -> Response:
    """The page `name` with the form as it stands, with the status that it earned."""
    response = page(f"public/accounts/{name}.html", form.status, form=form, **context)
    if form.retry_after:
        response.headers["Retry-After"] = str(form.retry_after)
    return response


def ask_for_mail(name: str, ask: Callable[[str, str], None], sent: str) -> BaseResponse:
    """The page `name`, which asks for an address; then, whoever has it, on to `sent`.

    `ask` takes the address and the network, and has the mail sent if there is an account to send it to.
    """
    form = AccountForm()
    if request.method == "POST":
        email = form.text("email", longest=254, required="Enter your e-mail address")
        form.attempt(ask, email, network())
        if not form.errors:
            return redirect(sent, 303)
    return form_page(name, form)


def spent(again: str, words: str) -> Response:
    """The page for a link that does not work any more; `again` leads to where another one is asked for."""
    return page("public/accounts/spent.html", 410, message=accounts.LinkSpent().message, again=again, words=words)


def mailed(words: str) -> Response:
    """The page after something was mailed, the same whether it was or not."""
    return page("public/accounts/mailed.html", words=words)
