"""The addresses of public pages as plain functions: pure, quick enough to call a hundred times a page.

Ids are internal ids; they become public ones here. Paths are relative to the site, `absolute` adds its name.
"""

from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from flask import current_app

from shared import ids


def listing(listing_id: int) -> str:
    """A listing's page."""
    return f"/l/{ids.public(listing_id)}"


def seller(user_row_id: int) -> str:
    """A seller's page; takes the id of the user's own row (user_id << 22)."""
    return f"/u/{ids.public(user_row_id)}"


def photo(digest: str, width: int, extension: str) -> str:
    """A photo variant's file."""
    return f"/photos/{digest}-{width}.{extension}"


def browse(place: str = "", category: str = "", **query: Any) -> str:
    """A browse page by place path ("at/tyrol/innsbruck") and category slug; both may be empty (home)."""
    path = (f"/c/{category}" if category else "") + (f"/in/{place}" if place else "")
    return with_query(path or "/", **query)


def search(**query: Any) -> str:
    """The search page for these parameters."""
    return with_query("/search", **query)


def save_search(**query: Any) -> str:
    """The page that saves the search for these parameters of the search page."""
    return with_query("/searches/new", **query)


def with_query(path: str, **query: Any) -> str:
    """`path` with the parameters that are neither None nor "", in the order given."""
    given = {name: value for name, value in query.items() if value not in (None, "")}
    return f"{path}?{urlencode(given)}" if given else path


def feed(path: str) -> str:
    """The Atom feed of a browse or search page: "/in/at" -> "/in/at/feed.atom", "/search?q=x" -> "/search.atom?q=x"."""
    path, question, query = path.partition("?")
    return f"{path}.atom{question}{query}" if path == "/search" else f"{path.rstrip('/')}/feed.atom{question}{query}"


def login(next_path: str = "") -> str:
    """The login page that leads on to `next_path`."""
    return f"/login?next={quote(next_path)}" if next_path else "/login"


def absolute(path: str) -> str:
    """`path` with the site's public URL before it, for mail, feeds, canonical links and Open Graph."""
    return f"{current_app.config['PUBLIC_URL']}{path}"


def own_path(given: str, default: str = "/") -> str:
    """`given` if it is a path on this site, else `default`: the only redirect target taken from a request."""
    if not given.startswith("/") or given.startswith(("//", "/\\")) or "\\" in given or not given.isprintable():
        return default
    parts = urlsplit(given)
    return default if parts.scheme or parts.netloc else given
