"""A small app, furnished like the real ones, with a page for each thing that the shell does."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, Response, current_app, request
from flask.testing import FlaskClient
from flask_login import LoginManager
from jinja2 import ChoiceLoader, DictLoader

from shared.errors import Conflict, Invalid, MarketError, NotFound, Throttled
from shared.web import caching, csrf, factory, limits, notices, pagination, query
from shared.web.client import client_network
from shared.web.forms import Form
from shared.web.templating import page
from tests.factories.settings import settings

_TEMPLATES = {
    "test/plain.html": '{% extends "shared/base.html" %}{% block main %}<h1>{{ words }}</h1>{% endblock %}',
    "test/form.html": """{% extends "shared/base.html" %}{% import "shared/_form.html" as f %}
{% block title %}Post – {{ site_name }}{% endblock %}{% block main %}{{ f.error_summary(form) }}<h1>Post</h1>
{{ f.start(form) }}{{ f.text(form, "title", "Title", hint="Short") }}{{ f.textarea(form, "words", "Words") }}
{{ f.select(form, "kind", "Kind", [("a", "A"), ("G", [("b", "B")])]) }}
{{ f.radios(form, "price", "Price", [("free", "Free"), ("ask", "Ask")]) }}
{{ f.checkbox(form, "ok", "Agreed") }}
{{ f.file(form, "photo", "Photo") }}{{ f.submit("Send") }}</form>{% endblock %}""",
}
_ERRORS = {
    "missing": NotFound("No such bicycle."),
    "invalid": Invalid({"title": "Too short"}),
    "conflict": Conflict("It is sold."),
    "throttled": Throttled(90),
    "later": MarketError("The mail server is away.", permanent=False),
}


@pytest.fixture
def build(tmp_path: Path) -> Callable[..., Flask]:
    def make(*, testing: bool = True, page_cache_seconds: float = 0, **changes: Any) -> Flask:
        app = Flask("small", static_folder=None)
        factory.furnish(
            app, settings(tmp_path, **changes), "shared", testing=testing, page_cache_seconds=page_cache_seconds
        )
        assert app.jinja_env.loader is not None
        app.jinja_env.loader = ChoiceLoader([app.jinja_env.loader, DictLoader(_TEMPLATES)])
        LoginManager(app).request_loader(lambda _: None)
        _pages(app)
        return app

    return make


@pytest.fixture
def app(build: Callable[..., Flask]) -> Flask:
    return build()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def _pages(app: Flask) -> None:
    app.add_url_rule("/shared", view_func=_shared)
    app.add_url_rule("/plain", view_func=_plain)
    app.add_url_rule("/form", view_func=_form, methods=["GET", "POST"])
    app.add_url_rule("/upload", view_func=_upload, methods=["POST"])
    app.add_url_rule("/hook", view_func=_hook, methods=["POST"])
    app.add_url_rule("/versioned", view_func=_versioned)
    app.add_url_rule("/error/<name>", view_func=_error)
    app.add_url_rule("/crash", view_func=_crash)
    app.add_url_rule("/paged", view_func=_paged)
    app.add_url_rule("/read", view_func=_read)
    app.add_url_rule("/whence", view_func=_whence)


def _shared() -> Response:
    return caching.share(page("test/plain.html", words="hello " * 200))


def _plain() -> Response:
    return page("test/plain.html", words="hello")


def _form() -> Response:
    form = Form()
    if request.method == "POST":
        form.text("title", longest=20, required="Enter a title")
        if not form.errors:
            current_app.config["CHANGES"] = current_app.config.get("CHANGES", 0) + 1
            return notices.redirect_with_notice("/plain", "It is saved.")
    return page("test/form.html", 422 if form.errors else 200, form=form)


@limits.takes_upload(400_000)
def _upload() -> str:
    return str(len(request.files["photo"].read()))


@csrf.exempt
def _hook() -> str:
    return "signed"


def _versioned() -> Response:
    return caching.not_modified("7") or caching.share(page("test/plain.html", words="seven"))


def _error(name: str) -> str:
    raise _ERRORS[name]


def _crash() -> str:
    raise RuntimeError("the password is hunter2")


def _paged() -> str:
    return str(pagination.cursor())


def _read() -> str:
    return f"{query.text('q')}|{query.whole('n', high=9)}|{query.choice('sort', ['new', 'old'], 'new')}"


def _whence() -> str:
    return client_network(request)
