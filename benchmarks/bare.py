"""What our pages are compared with: bare Flask routes that do the same work, and one that does none.

A page of the site is asked for once. The statements it ran and the template it rendered are noted, and a route that
knows nothing of sessions, shards, layers or headers repeats both: the statements on plain Core connections, the
template with the values it had. It answers with the page's own bytes, behind the same server command with the same
processes and threads.

It does not compress, keeps no access log and sends none of our headers: those are layers of ours, and what they cost is
what the comparison is there to show, so the target holds against this route. `compressed` is the same route with the
site's compression, which tells how much of the difference is brotli; no target is set against it.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

from flask import Flask, Response
from jinja2 import Template
from sqlalchemy import Connection, Engine, event

from public_app import create_app
from shared import sharding
from shared.config import Settings
from shared.web import compression

# Paths to make bare routes for, separated by white space.
PATHS = "BENCH_PATHS"
CACHE_SECONDS = 10.0


@dataclass
class _Noted:
    """What one page did: statements with their parameters and engines, and the template with its values."""

    statements: list[tuple[Engine, Any, Any]] = field(default_factory=list)
    template: Template | None = None
    values: dict[str, Any] = field(default_factory=dict)


def constant() -> Flask:
    """One route that returns the same 10 KB."""
    app = Flask("constant")
    body = b"x" * 10_000
    app.add_url_rule("/", view_func=lambda: body)
    return app


def cached() -> Flask:
    """The public site with its short-lived memory of anonymous pages."""
    settings = Settings.from_environment(os.environ)
    sharding.configure(settings)
    return create_app(settings, page_cache_seconds=CACHE_SECONDS)


def bare() -> Flask:
    """A Flask app with a bare route for each of the paths in the environment."""
    settings = Settings.from_environment(os.environ)
    sharding.configure(settings)
    site = create_app(settings)
    site.jinja_env.template_class = _NotingTemplate
    app = Flask("bare", static_folder=None)
    app.config.update(site.config)
    for path in os.environ[PATHS].split():
        app.add_url_rule(path, endpoint=path, view_func=_repeat(_note(site, path)))
    return app


def compressed() -> Flask:
    """The bare routes, their pages compressed as the site compresses."""
    app = bare()

    @app.after_request
    def compress(response: Response) -> Response:
        compression.compress(response)
        return response

    return app


def _note(site: Flask, path: str) -> _Noted:
    with _noting() as noted:
        answer = site.test_client().get(path)
    if answer.status_code != 200 or noted.template is None:
        raise RuntimeError(f"{path} answered {answer.status_code}")
    with site.test_request_context(path):
        if Template.render(noted.template, noted.values).encode() != answer.get_data():
            raise RuntimeError(f"the bare route of {path} would answer with other bytes")
    return noted


def _repeat(noted: _Noted) -> Any:
    template, engines = noted.template, list({id(engine): engine for engine, _, _ in noted.statements}.values())
    assert template is not None

    def view() -> str:
        with ExitStack() as stack:
            connections = {id(engine): stack.enter_context(engine.connect()) for engine in engines}
            for engine, statement, parameters in noted.statements:
                connections[id(engine)].execute(statement, parameters).all()
        return Template.render(template, noted.values)

    return view


_current: _Noted | None = None


class _NotingTemplate(Template):
    def render(self, *arguments: Any, **values: Any) -> str:
        if _current is not None:
            _current.template, _current.values = self, dict(*arguments, **values)
        return super().render(*arguments, **values)


@contextmanager
def _noting() -> Iterator[_Noted]:
    global _current
    _current = noted = _Noted()

    def note(connection: Connection, statement: Any, many: Sequence[Any], one: Any, _options: Any) -> None:
        # Whether a shard speaks for a row is the fleet's question, not the page's.
        if "scope_state" not in str(statement):
            noted.statements.append((connection.engine, statement, one or (many[0] if many else {})))

    event.listen(Engine, "before_execute", note)
    try:
        yield noted
    finally:
        event.remove(Engine, "before_execute", note)
        _current = None
