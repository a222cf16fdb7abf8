"""A sentence for the next page after a redirect ("Your listing is published."), kept in a short-lived cookie."""

from flask import Response, current_app, g
from itsdangerous import BadSignature, URLSafeTimedSerializer

from . import cookies

_COOKIE = "notice"
_SECONDS = 60


def redirect_with_notice(location: str, text: str) -> Response:
    """303 to one of our own pages, which shows `text` once. Plain text without secrets: the cookie is only signed."""
    response = current_app.response_class(status=303, headers={"Location": location})
    cookies.write(response, _COOKIE, _signer().dumps(text), _SECONDS)
    return response


def take() -> str:
    """The sentence to show on this page, or ""; it is shown once, and a page that shows one is private."""
    value = cookies.read(_COOKIE)
    if not value:
        return ""
    g.notice_shown = True
    try:
        return str(_signer().loads(value, max_age=_SECONDS))
    except BadSignature:
        return ""


def forget(response: Response) -> None:
    """after_request: erase the cookie once its sentence was shown, unless this response sets another."""
    if g.get("notice_shown") and not any(_COOKIE in value for value in response.headers.getlist("Set-Cookie")):
        cookies.erase(response, _COOKIE)


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt="notice")
