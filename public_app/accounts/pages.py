"""The pages of the room: a form, or a few words."""

from typing import Any

from flask import Response

from shared import accounts
from shared.web.templating import page

from .forms import AccountForm


def form_page(name: str, form: AccountForm, **context: Any) -> Response:
    """The page `name` with the form as it stands, with the status that it earned."""
    response = page(f"public/accounts/{name}.html", form.status, form=form, **context)
    if form.retry_after:
        response.headers["Retry-After"] = str(form.retry_after)
    return response


def spent(again: str, words: str) -> Response:
    """The page for a link that does not work any more; `again` leads to where another one is asked for."""
    return page("public/accounts/spent.html", 410, message=accounts.LinkSpent().message, again=again, words=words)


def mailed(words: str) -> Response:
    """The page after something was mailed, the same whether it was or not."""
    return page("public/accounts/mailed.html", words=words)
