"""Cookies as decided: `__Host-` and Secure on https, plain names on loopback; always HttpOnly and Lax."""

from flask import current_app, request
from werkzeug.wrappers import Response


def cookie_name(name: str) -> str:
    """The name that `name` has on the wire."""
    return f"__Host-{name}" if current_app.config["HTTPS"] else name


def read(name: str) -> str:
    """The value sent by the browser, or ""."""
    # Most requests carry none, and taking them apart costs more than all else that is done with them.
    return request.cookies.get(cookie_name(name), "") if "HTTP_COOKIE" in request.environ else ""


def write(response: Response, name: str, value: str, max_age: int | None = None) -> None:
    """Set a cookie for the whole site; `max_age` in seconds, None for the browser's session."""
    response.set_cookie(
        cookie_name(name),
        value,
        max_age=max_age,
        path="/",
        secure=current_app.config["HTTPS"],
        httponly=True,
        samesite="Lax",
    )


def erase(response: Response, name: str) -> None:
    """Have the browser forget a cookie."""
    write(response, name, "", max_age=0)
