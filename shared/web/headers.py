"""Security headers on every response, errors and static files included: a WSGI wrapper, so nothing can slip by it."""

import base64
import hashlib
from collections.abc import Callable, Iterable
from typing import Any

WsgiApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def content_security_policy(css: str) -> str:
    """Only our own files, and of styles only the inline text `css` (WHATWG hash source)."""
    digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    return (
        f"default-src 'none';img-src 'self';style-src 'sha256-{digest}';script-src 'self';"
        "connect-src 'self';form-action 'self';base-uri 'none';frame-ancestors 'none'"
    )


def security_headers(css: str, *, https: bool) -> list[tuple[str, str]]:
    """The headers every response carries. HSTS only where the public URL is https.

    No Permissions-Policy: no script but ours can run and no frame can load, so it would only weigh.
    """
    headers = [
        ("Content-Security-Policy", content_security_policy(css)),
        ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", "same-origin"),
        ("Cross-Origin-Opener-Policy", "same-origin"),
        ("Cross-Origin-Resource-Policy", "same-origin"),
    ]
    if https:
        headers.append(("Strict-Transport-Security", "max-age=31536000; includeSubDomains"))
    return headers


class SecurityHeaders:
    """Adds `headers` to every response; one that the app set itself (a stricter policy for uploads) wins."""

    def __init__(self, wsgi_app: WsgiApp, headers: list[tuple[str, str]]) -> None:
        self._app = wsgi_app
        self._headers = [(name.lower(), (name, value)) for name, value in headers]

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            present = {name.lower() for name, _ in headers}
            headers = headers + [header for key, header in self._headers if key not in present]
            return start_response(status, headers, exc_info)

        return self._app(environ, start)
