"""Every unsafe request must come from a form of ours, sent by the browser that was shown it.

The token is an HMAC over the session cookie, or for the signed-out over a random pre-session cookie that only pages
with a form set; it is masked afresh in every page against BREACH. Requests whose Origin or Sec-Fetch-Site says that
another site made them are refused before that; text browsers send neither header and need only the token.
"""

import base64
import binascii
import hmac
import secrets
from collections.abc import Callable
from hashlib import sha256
from typing import TypeVar
from urllib.parse import urlsplit

from flask import Flask, Request, Response, current_app, g, request
from markupsafe import Markup, escape
from werkzeug.exceptions import Forbidden

from . import cookies

View = TypeVar("View", bound=Callable[..., object])
FIELD = "csrf_token"
SESSION, PRESESSION = "session", "visit"
_SIZE = 16
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_EXPLANATION = "This form is old or not ours; nothing changed. Go back, reload the page, try again; forms need cookies."


class ForeignRequest(Forbidden):
    """An unsafe request without a valid token, or from another site."""

    description = _EXPLANATION


def exempt(view: View) -> View:
    """Mark a view that authenticates each request by itself (an API key, a signed webhook), never by a cookie."""
    view.csrf_exempt = True  # type: ignore[attr-defined]
    return view


def token() -> str:
    """The token for a form in the page being made. Makes the response private and, signed out, sets a cookie."""
    g.has_form = True
    mask = secrets.token_bytes(_SIZE)
    return base64.urlsafe_b64encode(mask + _xor(mask, _expected(_binding()))).decode().rstrip("=")


def field() -> Markup:
    """The hidden input that every form with method="post" carries."""
    return Markup(f'<input type="hidden" name="{FIELD}" value="{escape(token())}">')


def check() -> None:
    """before_request: raise ForeignRequest unless the request is safe, exempt or carries a valid token."""
    if request.method in _SAFE or request.url_rule is None:
        return
    if getattr(current_app.view_functions[request.endpoint or ""], "csrf_exempt", False):
        return
    if made_elsewhere(request):
        raise ForeignRequest
    session, visit = cookies.read(SESSION), cookies.read(PRESESSION)
    binding = f"s:{session}" if session else f"v:{visit}" if visit else None
    if binding is None or not hmac.compare_digest(_unmask(request.form.get(FIELD, "")), _expected(binding)):
        raise ForeignRequest


def made_elsewhere(request: Request) -> bool:
    """True when the browser itself says that another origin made this request (Fetch Metadata, RFC 6454)."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = request.headers.get("Origin")
    return origin is not None and not _is_ours(origin, request)


def made_here(request: Request) -> bool:
    """True when the browser says that a page of ours made this request; text browsers say it by the Referer."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    return _is_ours(request.headers.get("Origin") or request.headers.get("Referer") or "", request)


def _is_ours(url: str, request: Request) -> bool:
    return urlsplit(url).netloc in (request.host, urlsplit(current_app.config["PUBLIC_URL"]).netloc)


def end_session() -> None:
    """Have the browser forget a session that is over: what this response shows is for the signed-out."""
    g.session_ended = True


def keep_presession(response: Response) -> None:
    """after_request: send the pre-session cookie that a form of this page is bound to, and end what is over."""
    fresh = g.get("fresh_presession")
    if fresh:
        cookies.write(response, PRESESSION, fresh)
    if g.get("session_ended"):
        cookies.erase(response, SESSION)


def install(app: Flask) -> None:
    """Check every request of `app`; templates get `csrf_field()`."""
    app.before_request(check)
    app.jinja_env.globals["csrf_field"] = field


def _binding() -> str:
    session = cookies.read(SESSION)
    if session and not g.get("session_ended"):
        return f"s:{session}"
    visit = cookies.read(PRESESSION) or g.get("fresh_presession")
    if not visit:
        visit = g.fresh_presession = secrets.token_urlsafe(_SIZE)
    return f"v:{visit}"


def _expected(binding: str) -> bytes:
    return hmac.digest(current_app.config["SECRET_KEY"], f"csrf {binding}".encode(), sha256)[:_SIZE]


def _unmask(token: str) -> bytes:
    try:
        raw = base64.b64decode(token.encode() + b"=" * (-len(token) % 4), b"-_", validate=True)
    except (binascii.Error, ValueError):
        return b""
    return _xor(raw[:_SIZE], raw[_SIZE:]) if len(raw) == 2 * _SIZE else b""


def _xor(left: bytes, right: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(left, right, strict=True))
