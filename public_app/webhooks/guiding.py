"""The page for those who write a receiver: what is sent, when, how it is signed, and what an answer does."""

import json
from functools import cache

from flask import Response

from shared import webhooks
from shared.config import ROOT
from shared.web import caching
from shared.web.templating import page
from shared.webhooks.endpoints import AT_ONCE, PER_SECOND
from shared.webhooks.envelope import MOST_BYTES
from shared.webhooks.ladder import WAITS

from .routes import blueprint

# Files of their own, so that they can be run as they are; the tests do.
VERIFIERS = ROOT / "docs" / "webhooks"
LANGUAGES = {
    "Python": "verify.py",
    "JavaScript (Node)": "verify.js",
    "PHP": "verify.php",
    "Ruby": "verify.rb",
    "Go": "verify.go",
    "Java": "Verify.java",
}
_UNITS = ((3600, "h"), (60, "min"), (1, "s"))


@blueprint.get("/developers/webhooks")
def guide() -> Response:
    """The same for everybody."""
    response = page(
        "public/webhooks/guide.html",
        types=webhooks.TYPES,
        samples={each.name: _indented(webhooks.sample(each.name)) for each in webhooks.TYPES},
        verifiers=verifiers(),
        waits=", ".join(map(_in_words, WAITS)),
        attempts=len(WAITS) + 1,
        hours=sum(WAITS) // 3600,
        most_bytes=MOST_BYTES,
        per_second=PER_SECOND,
        at_once=AT_ONCE,
        replayed=webhooks.MOST_REPLAYED,
    )
    return caching.share(response)


@cache
def verifiers() -> list[tuple[str, str]]:
    """By language, a program that verifies a signature."""
    return [(language, (VERIFIERS / name).read_text(encoding="utf-8")) for language, name in LANGUAGES.items()]


def _indented(body: str) -> str:
    return json.dumps(json.loads(body), ensure_ascii=False, indent=2)


def _in_words(seconds: int) -> str:
    size, unit = next((size, unit) for size, unit in _UNITS if seconds % size == 0)
    return f"{seconds // size} {unit}"
