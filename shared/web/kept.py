"""A form that cannot be taken as it came, because the session ended or another began, comes back with what was typed.

The page shows all that would be sent and waits for a press of its button, which sends it with a token of the session as
it is then. Only a form that a page of ours sent is shown again: nobody else can have somebody confirm what he wrote.
"""

from typing import NamedTuple

from flask import Flask, Response, request
from werkzeug.wrappers import Response as BaseResponse

from . import cookies, csrf, forms
from .errors import error_page
from .templating import page, viewer

# Fields of passwords; a form with one of them is short and is typed again.
SECRET = frozenset({"password", "current"})
_NOT_TYPED = frozenset({csrf.FIELD, forms.TOKEN})
_MOST_FIELDS = 60
_MOST_CHARACTERS = 100_000
_ONE_LINE = 60


class Field(NamedTuple):
    """A field as it was sent. `label` is "" for what no person typed."""

    name: str
    value: str
    label: str
    long: bool


def install(app: Flask) -> None:
    """Answer forms of ours whose token is none of this session by showing them again."""
    app.register_error_handler(csrf.ForeignRequest, _foreign)


def again(status: int) -> Response | None:
    """The page with what was typed and a button to send it again; None for a form that is not to be shown again."""
    if not (request.method == "POST" and csrf.made_here(request) and _can_be_shown()):
        return None
    if cookies.read(csrf.SESSION) and viewer() is None:
        csrf.end_session()
    fields = [_field(name, value) for name, value in request.form.items(multi=True) if name != csrf.FIELD]
    return page("shared/kept.html", status, fields=fields, action=request.full_path.rstrip("?"))


def _foreign(error: csrf.ForeignRequest) -> BaseResponse:
    return again(403) or error_page(403, error.description or "")


def _can_be_shown() -> bool:
    sent = list(request.form.items(multi=True))
    size = sum(len(name) + len(value) for name, value in sent)
    small = len(sent) <= _MOST_FIELDS and size <= _MOST_CHARACTERS
    something = any(value for name, value in sent if name not in _NOT_TYPED)
    return small and something and not request.files and not any(name in SECRET for name, _ in sent)


def _field(name: str, value: str) -> Field:
    label = "" if name in _NOT_TYPED else name.replace("_", " ").capitalize()
    return Field(name, value, label, "\n" in value or len(value) > _ONE_LINE)
