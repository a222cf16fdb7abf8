"""Errors as pages: short, without the database, naming the request and what to do next; never a stack trace."""

import errno
import logging
from typing import Any

from flask import Flask, Response, current_app
from redis.exceptions import ConnectionError as RedisAway
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from shared.errors import Conflict, Invalid, MarketError, NotFound, Throttled
from shared.observability import request_id

logger = logging.getLogger(__name__)

_WORDS = {
    400: (
        "We could not read that",
        "Something in the address or the form is not as this site sends it. Nothing was changed.",
    ),
    401: ("Please log in", "This page is for people who are logged in."),
    403: ("That is not allowed", "You may not do this, or the form was too old. Nothing was changed."),
    404: ("There is no such page", "The address may be mistyped, or what it showed is gone."),
    405: ("That does not work here", "This page cannot be used that way. Open it as an ordinary link."),
    408: (
        "It took too long to arrive",
        "Your connection was too slow or was interrupted. Nothing was changed. Go back and send it again.",
    ),
    409: ("That is no longer possible", "Things have changed in the meantime. Reload the page to see how it stands."),
    410: ("This is gone", "It was here and has been removed for good."),
    411: ("We could not read that", "Your program does not say how much it sends (Content-Length)."),
    413: (
        "That is too large",
        "What you sent is larger than we accept. Send a smaller file or less text. Nothing was changed.",
    ),
    414: ("That address is too long", "Shorten it, or search with fewer words."),
    415: ("We cannot use that kind of file", "Send a JPEG, PNG, WebP, GIF or AVIF photo, or use the form on the page."),
    422: ("Some of that needs a change", "Go back and check what you entered. Nothing was changed."),
    429: ("One moment, please", "There were too many requests from you in a short time. Nothing is lost."),
    500: ("Something broke on our side", "We have a record of it. Try again in a minute; nothing half-done was kept."),
    503: ("We are briefly not available", "Part of the site is restarting. Try again in a minute."),
}
# A database or Redis that does not answer: restarting, full, or more readers than connections.
_AWAY = (OperationalError, NoConnectionFree, RedisAway)
# No room on the disk, within a quota or within what a process may write.
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_RETRY_AFTER = 30
_STATUS: tuple[tuple[type[MarketError], int], ...] = (
    (NotFound, 404),
    (Invalid, 422),
    (Conflict, 409),
    (Throttled, 429),
)


def install(app: Flask) -> None:
    """Answer HTTP errors, rooms' errors and everything unforeseen of `app` with these pages."""
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(MarketError, _market)
    app.register_error_handler(Exception, _unforeseen)


def error_page(status: int, detail: str = "", retry_after: int | None = None, back: str = "") -> Response:
    """The page for `status`; `detail` (plain words) replaces the stock sentence, `back` is the form to return to."""
    status = status if status in _WORDS else 400 if status < 500 else 500
    title, advice = _WORDS[status]
    html = current_app.jinja_env.get_template("shared/error.html").render(
        status=status,
        heading=title,
        advice=detail or advice,
        retry_after=retry_after,
        back=back,
        request_id=request_id.get(),
        viewer=None,
        notice="",
    )
    response = current_app.response_class(html, status, mimetype="text/html")
    response.headers["Cache-Control"] = "no-store"
    if retry_after is not None:
        response.headers["Retry-After"] = str(retry_after)
    return response


def status_of(error: MarketError) -> int:
    """400 for what a caller can change, 503 for what only time can, unless its class says more."""
    for kind, status in _STATUS:
        if isinstance(error, kind):
            return status
    return 400 if error.permanent else 503


def _market(error: MarketError) -> Response:
    return error_page(status_of(error), error.message, getattr(error, "retry_after", None))


def _http(error: HTTPException) -> Any:
    if error.response is not None or (error.code or 500) < 400:
        return error
    standard = error.description == type(error).description and type(error).__module__.startswith("werkzeug")
    response = error_page(error.code or 500, "" if standard else error.description or "")
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        response.headers["Allow"] = ", ".join(sorted(error.valid_methods))
    return response


def _unforeseen(error: Exception) -> Response:
    if current_app.testing:
        raise error
    logger.error("unforeseen error", exc_info=error)
    passing = isinstance(error, _AWAY) or (isinstance(error, OSError) and error.errno in _FULL)
    return error_page(503, retry_after=_RETRY_AFTER) if passing else error_page(500)
