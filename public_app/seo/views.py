"""robots.txt, /sitemap.xml (the index) and /sitemaps/<name>.xml."""

from flask import Blueprint, Response, abort, current_app

from public_app.feeds.atom import moment
from shared.web import urls

from . import sitemaps

blueprint = Blueprint("seo", __name__)
_NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
_HOUR = "public, max-age=3600"
# The search page says noindex itself, which a crawler can only read where it is allowed in.
_ROBOTS = """User-agent: *
Disallow: /account
Disallow: /post
Disallow: /searches
Disallow: /login
Disallow: /signup

Sitemap: {sitemap}
"""


@blueprint.get("/robots.txt")
def robots() -> Response:
    return _kept(_ROBOTS.format(sitemap=urls.absolute("/sitemap.xml")), "text/plain")


@blueprint.get("/sitemap.xml")
def index() -> Response:
    entries = "\n".join(
        f"<sitemap><loc>{urls.absolute(f'/sitemaps/{name}.xml')}</loc></sitemap>" for name in sitemaps.names()
    )
    return _xml("sitemapindex", entries)


@blueprint.get("/sitemaps/<name>.xml")
def sitemap(name: str) -> Response:
    found = sitemaps.urls_of(name)
    if found is None:
        abort(404)
    return _xml("urlset", "\n".join(_entry(path, changed) for path, changed in found))


def _entry(path: str, changed: int | None) -> str:
    # Paths are slugs and digits: nothing in them needs escaping.
    lastmod = f"<lastmod>{moment(changed)}</lastmod>" if changed is not None else ""
    return f"<url><loc>{urls.absolute(path)}</loc>{lastmod}</url>"


def _xml(root: str, entries: str) -> Response:
    body = f'<?xml version="1.0" encoding="utf-8"?>\n<{root} xmlns="{_NAMESPACE}">\n{entries}\n</{root}>\n'
    return _kept(body, "application/xml")


def _kept(body: str, mimetype: str) -> Response:
    response = current_app.response_class(body, mimetype=mimetype)
    response.headers["Cache-Control"] = _HOUR
    return response
