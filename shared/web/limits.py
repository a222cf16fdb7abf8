"""What a request may weigh and be made of. Larger or stranger ones get a page that says so, before any work is done."""

import re
from collections.abc import Callable
from typing import TypeVar
from urllib.parse import unquote_to_bytes

from flask import Flask, current_app, request
from werkzeug.exceptions import BadRequest, RequestURITooLarge

View = TypeVar("View", bound=Callable[..., object])
FORM_BYTES = 256 * 1024
FORM_PARTS = 200
QUERY_BYTES = 2000
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def takes_upload(bytes_: int) -> Callable[[View], View]:
    """Let a view receive a body of up to `bytes_` (default for all others: FORM_BYTES)."""

    def mark(view: View) -> View:
        view.upload_limit = bytes_  # type: ignore[attr-defined]
        return view

    return mark


def install(app: Flask) -> None:
    """Set the limits. Must come before anything that reads forms (csrf)."""
    app.config.update(MAX_CONTENT_LENGTH=FORM_BYTES, MAX_FORM_MEMORY_SIZE=FORM_BYTES, MAX_FORM_PARTS=FORM_PARTS)
    app.before_request(check)


def check() -> None:
    """before_request: a readable address, and the right ceiling for the body."""
    environ = request.environ
    path, query = environ.get("PATH_INFO", ""), environ.get("QUERY_STRING", "")
    if not (path.isascii() and path.isprintable()):
        _readable(path.encode("latin-1", "replace"))
    if query:
        _check_query(query)
    if request.method == "POST" and request.endpoint:
        limit = getattr(current_app.view_functions[request.endpoint], "upload_limit", None)
        if limit:
            request.max_content_length = limit


def _check_query(query: str) -> None:
    if len(query) > QUERY_BYTES:
        raise RequestURITooLarge(
            "The address of this page is longer than any that we use. Please search with fewer words."
        )
    if "%" in query or not (query.isascii() and query.isprintable()):
        _readable(unquote_to_bytes(query.encode("latin-1", "replace")))


def _readable(raw: bytes) -> None:
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise BadRequest("The address of this page has characters that are not valid UTF-8.") from None
    if _CONTROL.search(text):
        raise BadRequest("The address of this page has control characters in it.")
