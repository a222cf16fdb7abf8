"""How long a page may be kept, and by whom. What a view does not say is private and revalidated."""

from hashlib import sha1

from flask import Response, current_app, g, request

from . import cookies, csrf

SHARED = "public, max-age=30"
_PRIVATE = "private, no-cache"
_NO_STORE = "no-store"


def share(response: Response) -> Response:
    """A page with nothing of the reader in it: any cache may keep it 30 s, unless he is signed in (checked later)."""
    g.shareable = True
    return response


def no_store(response: Response) -> Response:
    """A page about the account: no cache keeps it, not the browser's either."""
    response.headers["Cache-Control"] = _NO_STORE
    return response


def not_modified(version: str) -> Response | None:
    """A 304 when the reader's copy has this `version`, else None. Ask before doing the work.

    `version` must change with anything that the page shows. Nothing is answered early to a signed-in reader.
    """
    if cookies.read(csrf.SESSION):
        return None
    etag = g.etag = _digest(f"{current_app.config['LOOK']} {version}".encode())
    if request.if_none_match.contains_weak(etag):
        return share(current_app.response_class(status=304))
    return None


def finish(response: Response) -> None:
    """after_request: settle Cache-Control, then answer 304 where the reader already has this very text."""
    # Looked through once: asking Headers for a name that is not there costs an exception each time.
    names = {name.lower() for name, _ in response.headers}
    if "cache-control" not in names:
        response.headers["Cache-Control"] = _policy(response.status_code, sets_cookie="set-cookie" in names)
    if response.status_code == 304 and g.get("etag"):
        response.set_etag(g.etag, weak=True)
    if response.status_code == 200 and "etag" not in names and request.method in ("GET", "HEAD"):
        _revalidate(response)


def _policy(status: int, *, sets_cookie: bool) -> str:
    if sets_cookie or g.get("has_form"):
        return _NO_STORE if status >= 400 else _PRIVATE
    if not g.get("shareable") or g.get("notice_shown") or cookies.read(csrf.SESSION):
        return _PRIVATE
    return SHARED


def _revalidate(response: Response) -> None:
    """Weak tags, since the same page has one body per encoding (RFC 9110 8.8.1)."""
    if response.headers["Cache-Control"] == _NO_STORE or response.is_streamed or response.direct_passthrough:
        return
    etag = g.get("etag") or _digest(response.get_data())
    response.set_etag(etag, weak=True)
    if request.if_none_match.contains_weak(etag):
        response.status_code = 304
        response.set_data(b"")
        del response.headers["Content-Length"]


def _digest(data: bytes) -> str:
    # Nobody gains by two pages of one tag; on most machines this is the quickest digest there is.
    return sha1(data, usedforsecurity=False).hexdigest()[:12]
