"""The outermost wrapper: gives each request an id, which every log line and the response carry, and logs the access."""

import logging
import re
import time
from collections.abc import Callable, Iterable
from typing import Any

from shared.observability import new_request_id, request_id

from .headers import WsgiApp

logger = logging.getLogger("access")
_WELL_FORMED = re.compile(r"[A-Za-z0-9_-]{8,64}")
_SECRET_LOOKING = re.compile(r"/(?=[^/]*[A-Z0-9])[^/.]{20,}(?=/|$)")


class RequestIds:
    """Wraps a WSGI app. `trust_incoming`: a proxy of ours stands in front and its X-Request-Id is taken over."""

    def __init__(self, wsgi_app: WsgiApp, *, trust_incoming: bool) -> None:
        self._app = wsgi_app
        self._trust = trust_incoming

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        identity = self._identity(environ)
        request_id.set(identity)
        started = time.perf_counter()

        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            log_access(environ, status, time.perf_counter() - started)
            return start_response(status, [*headers, ("X-Request-Id", identity)], exc_info)

        return self._app(environ, start)

    def _identity(self, environ: dict[str, Any]) -> str:
        given = environ.get("HTTP_X_REQUEST_ID", "") if self._trust else ""
        return given if _WELL_FORMED.fullmatch(given) else new_request_id()


def log_access(environ: dict[str, Any], status: str, seconds: float) -> None:
    """One line a request: never the query string, and no path segment that looks like a secret."""
    if not logger.isEnabledFor(logging.INFO):
        return
    extra = {
        "method": environ["REQUEST_METHOD"],
        "path": printable_path(environ.get("PATH_INFO", "")),
        "status": int(status[:3]),
        "ms": round(seconds * 1000, 1),
    }
    logger.info("request", extra=extra)


def printable_path(path: str) -> str:
    """`path` with long segments of capitals or digits (tokens) blanked and control characters escaped."""
    shown = _SECRET_LOOKING.sub("/[hidden]", path)
    return shown if shown.isprintable() else shown.encode("unicode_escape").decode()
