"""What a request may weigh and be made of. Larger or stranger ones get a page that says so, before any work is done."""

import re
import threading
from collections.abc import Callable
from typing import TypeVar
from urllib.parse import unquote_to_bytes

from flask import Flask, current_app, g, request
from werkzeug.exceptions import BadRequest, LengthRequired, RequestURITooLarge, ServiceUnavailable

from .bodies import Intake
from .client import client_network

View = TypeVar("View", bound=Callable[..., object])
FORM_BYTES = 256 * 1024
FORM_PARTS = 200
QUERY_BYTES = 2000
# How long a request waits for its turn before it is told to come again.
_TURN_SECONDS = 20
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def takes_upload(bytes_: int) -> Callable[[View], View]:
    """Let a view receive a body of up to `bytes_` (default for all others: FORM_BYTES)."""

    def mark(view: View) -> View:
        view.upload_limit = bytes_  # type: ignore[attr-defined]
        return view

    return mark


def install(app: Flask, at_once: int) -> None:
    """Set the limits. `at_once` requests are worked on at a time; one whose body still comes in is none of them.

    Must come before anything that reads forms (csrf).
    """
    app.config.update(MAX_CONTENT_LENGTH=FORM_BYTES, MAX_FORM_MEMORY_SIZE=FORM_BYTES, MAX_FORM_PARTS=FORM_PARTS)
    intake, turns = Intake(), threading.BoundedSemaphore(at_once)

    def admit() -> None:
        posted_to = request.endpoint if request.method == "POST" else None
        if posted_to:
            _receive(intake, posted_to)
        if not turns.acquire(timeout=_TURN_SECONDS):
            raise ServiceUnavailable
        g.turn = True
        if posted_to:
            _check_parts()

    def end(_error: BaseException | None) -> None:
        if g.pop("turn", False):
            turns.release()
        if body := g.pop("body", None):
            body.close()

    app.before_request(check)
    app.before_request(admit)
    app.teardown_request(end)


def check() -> None:
    """before_request: a readable address."""
    environ = request.environ
    path, query = environ.get("PATH_INFO", ""), environ.get("QUERY_STRING", "")
    if not (path.isascii() and path.isprintable()):
        _readable(path.encode("latin-1", "replace"))
    if query:
        _check_query(query)


def _receive(intake: Intake, endpoint: str) -> None:
    """Have the whole body here, up to what the view takes, before there is a turn for it."""
    if "HTTP_TRANSFER_ENCODING" in request.environ:
        # Of a body without a length nobody can tell whether all of it has arrived.
        raise LengthRequired
    most = getattr(current_app.view_functions[endpoint], "upload_limit", FORM_BYTES)
    request.max_content_length = most
    length = request.content_length
    if length:
        network = client_network(request, ipv6_bits=48)
        g.body = intake.receive(request.environ["wsgi.input"], length, most, network)
        request.environ["wsgi.input"] = g.body
        if request.mimetype == "application/x-www-form-urlencoded":
            # Werkzeug would keep the percent signs of what it cannot decode, as if they had been typed.
            _decoded(unquote_to_bytes(g.body.read()), "The form that you sent has")
            g.body.seek(0)


def _check_parts() -> None:
    """Readable fields beside an upload."""
    # U+FFFD is all that Werkzeug leaves there of what it cannot decode.
    if request.mimetype == "multipart/form-data" and any(
        "\ufffd" in text for _, text in request.form.items(multi=True)
    ):
        raise _not_utf8("The form that you sent has")


def _check_query(query: str) -> None:
    if len(query) > QUERY_BYTES:
        raise RequestURITooLarge(
            "The address of this page is longer than any that we use. Please search with fewer words."
        )
    if "%" in query or not (query.isascii() and query.isprintable()):
        _readable(unquote_to_bytes(query.encode("latin-1", "replace")))


def _readable(raw: bytes) -> None:
    if _CONTROL.search(_decoded(raw, "The address of this page has")):
        raise BadRequest("The address of this page has control characters in it.")


def _decoded(raw: bytes, what_has: str) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        raise _not_utf8(what_has) from None


def _not_utf8(what_has: str) -> BadRequest:
    return BadRequest(f"{what_has} characters that are not valid UTF-8.")
