"""The public site: a Flask app furnished by shared/web, with one blueprint per room."""

from importlib import import_module

from flask import Flask, redirect, request, url_for
from flask_login import AnonymousUserMixin, LoginManager
from werkzeug.wrappers import Response as BaseResponse

from shared import places
from shared.config import Settings
from shared.web import cookies, csrf, factory, kept, urls
from shared.web.notices import redirect_with_notice
from shared.web.templating import viewer

# A room joins by one line here: public_app/<room>/views.py holds its `blueprint`.
ROOMS = (
    "health",
    "browse",
    "accounts",
    "preferences",
    "listings",
    "photos",
    "sellers",
    "favourites",
    "messaging",
    "webhooks",
    "complaints",
    "live",
    "search",
    "alerts",
    "feeds",
    "seo",
    "mailbox",
)
# Where the forms are that go to an address of their own.
_FORMS = {
    "listings.publish": "listings.preview",
    "listings.change_photo": "listings.photos",
    "messaging.offer": "messaging.thread",
    "messaging.answer": "messaging.thread",
    "messaging.archive_thread": "messaging.thread",
}


def create_app(settings: Settings, *, testing: bool = False, page_cache_seconds: float = 0) -> Flask:
    """The app for `settings`. The caller has configured `shared.ids` and `shared.sharding` before.

    `page_cache_seconds` keeps anonymous pages in memory for so long (a few seconds under load, 0 for none).
    `testing` makes undefined names in templates errors and lets unforeseen exceptions through.
    """
    app = factory.SyncFlask("public_app", static_folder=None)
    app.config["SETTINGS"] = settings
    places.load(settings.var / "cache")
    factory.furnish(app, settings, "shared", "public", testing=testing, page_cache_seconds=page_cache_seconds)
    install_login(app)
    for room in ROOMS:
        app.register_blueprint(import_module(f"public_app.{room}.views").blueprint)
    return app


def install_login(app: Flask) -> None:
    """flask-login without its own cookies. The accounts room sets `app.login_manager.request_loader`."""
    # Its init_app would also look for a remember-me cookie on every response, and add `current_user` to templates.
    app.login_manager = manager = LoginManager()  # type: ignore[attr-defined]
    manager.session_protection = None
    manager.anonymous_user = AnonymousUserMixin
    manager.unauthorized_handler(_to_login)
    manager.request_loader(lambda _request: None)
    app.before_request(_session_over)


def _to_login() -> BaseResponse:
    wanted = request.full_path.rstrip("?") if request.method == "GET" else ""
    return kept.again(401) or redirect(urls.login(wanted), 303)


def _session_over() -> BaseResponse | None:
    """before_request: a form that was opened in a session that is over since. The rooms would not know whose it is."""
    # Who logs in or has a mailed link needs no session, and the account's own pages ask for one themselves.
    if request.method != "POST" or request.blueprint == "accounts" or not cookies.read(csrf.SESSION):
        return None
    if "token" in (request.view_args or {}):
        return None
    if request.endpoint is None or viewer() is not None:
        return None
    return kept.again(401) or _log_in_and_repeat(request.endpoint)


def _log_in_and_repeat(endpoint: str) -> BaseResponse:
    """To the login page and from there back to the form: a file, or a button alone, cannot be kept and shown again."""
    csrf.end_session()
    what = "choose the photo and send it" if request.files else "send it"
    words = f"You were logged out in the meantime, so nothing was changed. Log in, then {what} again."
    form = url_for(_FORMS.get(endpoint, endpoint), **(request.view_args or {}))
    return redirect_with_notice(urls.login(form), words)
