"""The steps that make a bare Flask app one of ours. Both apps' create_app call `furnish` and then add their rooms."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Flask, Response
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from htmx_flask import Htmx
from werkzeug.middleware.proxy_fix import ProxyFix

from shared.config import Settings

from . import caching, compression, csrf, errors, kept, limits, notices, templating
from .assets import Assets, inline_css
from .headers import SecurityHeaders, WsgiApp, security_headers
from .page_cache import PageCache
from .request_ids import RequestIds

STATIC = Path(__file__).parents[2] / "static"


class SyncFlask(Flask):
    """A Flask app whose views and hooks are all plain functions, so that no request asks it of each of them."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        return func


class NoClientSession(SecureCookieSessionInterface):
    """Sessions are rows on the server; Flask's signed cookie is switched off, and writing to it is an error."""

    def open_session(self, app: Flask, request: object) -> SecureCookieSession:
        return self.make_null_session(app)

    def save_session(self, app: Flask, session: object, response: Response) -> None:
        return


def furnish(
    app: Flask, settings: Settings, *folders: str, testing: bool = False, page_cache_seconds: float = 0
) -> None:
    """Install everything shared. `folders` are the template prefixes and static folders that `app` may show.

    `page_cache_seconds` is how long anonymous pages are answered from memory (0: not at all).
    Call this before registering blueprints: its before_request checks must run first.
    """
    _configure(app, settings, testing)
    css = inline_css(STATIC / "shared" / "site.css")
    assets = Assets(
        [STATIC / folder for folder in folders if (STATIC / folder).is_dir()],
        settings.var / "cache" / f"static-{app.name}",
    )
    templating.install(app, *folders, strict=testing)
    app.config["LOOK"] = templating.fingerprint(app.jinja_env, css)
    app.jinja_env.globals.update(css=css, asset=assets.url)
    Htmx(app)
    limits.install(app, settings.web_threads)
    csrf.install(app)
    errors.install(app)
    kept.install(app)
    app.after_request(_finish)
    _wrap(app, settings, assets, css, page_cache_seconds)


def _configure(app: Flask, settings: Settings, testing: bool) -> None:
    app.session_interface = NoClientSession()
    app.config.update(
        TESTING=testing,
        SECRET_KEY=settings.secret_key,
        PUBLIC_URL=settings.public_url.rstrip("/"),
        HTTPS=settings.public_url.startswith("https:"),
        SITE_NAME=settings.site_name,
    )


def _finish(response: Response) -> Response:
    csrf.keep_presession(response)
    notices.forget(response)
    caching.finish(response)
    compression.compress(response)
    return response


def _wrap(app: Flask, settings: Settings, assets: Assets, css: str, page_cache_seconds: float) -> None:
    """WSGI layers, the last one outermost."""
    wsgi: WsgiApp = app.wsgi_app
    if page_cache_seconds:
        wsgi = PageCache(wsgi, page_cache_seconds)
    wsgi = assets.serve(wsgi)
    wsgi = SecurityHeaders(wsgi, security_headers(css, https=app.config["HTTPS"]))
    wsgi = RequestIds(wsgi, trust_incoming=settings.trusted_proxies > 0)
    if settings.trusted_proxies:
        wsgi = ProxyFix(wsgi, x_for=settings.trusted_proxies, x_proto=0, x_host=0)
    app.wsgi_app = wsgi  # type: ignore[method-assign]
