"""An Atom feed as text: RFC 4287, escaped, without the characters that XML 1.0 cannot hold."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime

from flask import Response, current_app

from public_app.browse.rows import ListingRow
from shared.web import caching

# What no XML 1.0 document may contain, escaped or not (section 2.2).
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_BEFORE_ANY = 0


def feed(title: str, path: str, feed_path: str, rows: Iterable[ListingRow]) -> Response:
    """The feed of the page at `path`, newest listing first; its ids and times stay the same as long as the rows do."""
    entries = [row._replace(title=clean(row.title)) for row in rows]
    xml = current_app.jinja_env.get_template("public/feeds/feed.xml").render(
        title=clean(title),
        path=path,
        feed_path=feed_path,
        entries=entries,
        updated=entries[0].at if entries else _BEFORE_ANY,
        moment=moment,
    )
    return caching.share(current_app.response_class(xml, mimetype="application/atom+xml"))


def clean(text: str) -> str:
    """`text` without what XML cannot hold."""
    return _NOT_XML.sub("", text)


def moment(seconds: int) -> str:
    """A time as RFC 3339 wants it."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
