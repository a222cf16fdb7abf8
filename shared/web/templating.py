"""The template environment, by prefix, and `page()`, the one way a view turns a template into a response."""

from collections.abc import MutableMapping
from hashlib import blake2b
from pathlib import Path
from typing import Any

from flask import Flask, Response, current_app, url_for
from flask_login import current_user
from jinja2 import Environment, FileSystemLoader, PrefixLoader, StrictUndefined, Undefined

from . import cookies, csrf, filters, notices, urls
from .listing_items import listing_items

TEMPLATES = Path(__file__).parents[2] / "templates"


class _Environment(Environment):
    """Jinja looks every global up through a ChainMap, whose reading costs a tenth of a page. Ours never change."""

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        return {**self.globals, **(d or {})}


def environment(*prefixes: str, strict: bool = False) -> Environment:
    """Templates under templates/<prefix>/ for each prefix, and no others. Everything but .txt is escaped."""
    env = _Environment(
        loader=PrefixLoader({prefix: FileSystemLoader(TEMPLATES / prefix) for prefix in prefixes}),
        autoescape=lambda name: not (name or "").endswith(".txt"),
        undefined=StrictUndefined if strict else Undefined,
        auto_reload=False,
        cache_size=-1,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.filters.update(filters.FILTERS, listing_items=listing_items)
    return env


def install(app: Flask, *prefixes: str, strict: bool) -> None:
    """Give `app` the environment; `flask.render_template` works too, `page` costs less."""
    app.jinja_env = environment(*prefixes, strict=strict)  # type: ignore[assignment]
    app.jinja_env.globals.update(
        urls=urls, url_for=url_for, site_name=app.config["SITE_NAME"], public_url=app.config["PUBLIC_URL"]
    )


def fingerprint(env: Environment, css: str) -> str:
    """Changes whenever a template or the stylesheet does, so that an old page is never taken for a fresh one."""
    digest = blake2b(css.encode(), digest_size=6)
    for name in env.list_templates():
        assert env.loader is not None
        digest.update(env.loader.get_source(env, name)[0].encode())
    return digest.hexdigest()


def viewer() -> Any:
    """The signed-in user as flask-login knows him, or None. Asks nobody when there is no session cookie."""
    if not cookies.read(csrf.SESSION):
        return None
    return current_user._get_current_object() if current_user.is_authenticated else None


def page(template: str, status: int = 200, /, **context: Any) -> Response:
    """Render a whole page. Templates also get `viewer` and `notice`; the globals are named in docs/design.md."""
    html = current_app.jinja_env.get_template(template).render(context, viewer=viewer(), notice=notices.take())
    return current_app.response_class(html, status, mimetype="text/html")
