"""A few seconds' memory of anonymous pages in this process, so that a crowd at one page costs one rendering.

Only what the app itself calls public, only for requests without a cookie; the lifetime stays far below the page's own
max-age, so that nothing sold or removed is shown for long.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from threading import Lock
from typing import Any

from .caching import SHARED
from .compression import choose
from .headers import WsgiApp

_MOST_PAGES = 512
_LARGEST = 64 * 1024
_PERSONAL = ("HTTP_COOKIE", "HTTP_AUTHORIZATION", "HTTP_RANGE")
Key = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True)
class _Stored:
    until: float
    etag: str
    headers: list[tuple[str, str]]
    body: bytes


class PageCache:
    """Wraps a WSGI app; `seconds` is how long a page is answered from memory. At most 512 pages of 64 KB."""

    def __init__(self, wsgi_app: WsgiApp, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._app = wsgi_app
        self._seconds = seconds
        self._clock = clock
        self._pages: OrderedDict[Key, _Stored] = OrderedDict()
        self._lock = Lock()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        key = _key(environ)
        if key is None:
            return self._app(environ, start_response)
        stored = self._pages.get(key)
        if stored is None or stored.until < self._clock():
            return self._fill(key, environ, start_response)
        if stored.etag and environ.get("HTTP_IF_NONE_MATCH") == stored.etag:
            start_response("304 NOT MODIFIED", _without_length(stored.headers))
            return [b""]
        start_response("200 OK", list(stored.headers))
        return [stored.body]

    def _fill(self, key: Key, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        seen: list[tuple[str, list[tuple[str, str]]]] = []

        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            seen.append((status, headers))
            return start_response(status, headers, exc_info)

        chunks = self._app(environ, start)
        if not seen or not _keepable(*seen[-1]):
            return chunks
        body = b"".join(chunks)
        close = getattr(chunks, "close", None)
        if close:
            close()
        if len(body) <= _LARGEST:
            self._keep(key, seen[-1][1], body)
        return [body]

    def _keep(self, key: Key, headers: list[tuple[str, str]], body: bytes) -> None:
        etag = next((value for name, value in headers if name == "ETag"), "")
        with self._lock:
            self._pages[key] = _Stored(self._clock() + self._seconds, etag, list(headers), body)
            self._pages.move_to_end(key)
            while len(self._pages) > _MOST_PAGES:
                self._pages.popitem(last=False)


def _key(environ: dict[str, Any]) -> Key | None:
    if environ["REQUEST_METHOD"] != "GET" or any(name in environ for name in _PERSONAL):
        return None
    encoding = choose(environ.get("HTTP_ACCEPT_ENCODING", ""))
    return environ["PATH_INFO"], environ.get("QUERY_STRING", ""), encoding, environ.get("HTTP_SAVE_DATA", "")


def _keepable(status: str, headers: list[tuple[str, str]]) -> bool:
    fields = {name.lower(): value for name, value in headers}
    return status.startswith("200") and fields.get("cache-control") == SHARED and "set-cookie" not in fields


def _without_length(headers: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return [header for header in headers if header[0] != "Content-Length"]
