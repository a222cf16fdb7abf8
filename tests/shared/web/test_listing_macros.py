"""Listings in lists: little markup, safe titles, htmx configured to run nothing of its own."""

import json
import re
from types import SimpleNamespace

import brotli
from flask import Flask

from shared import clock


def row(number: int, **changes: object) -> SimpleNamespace:
    values = {
        "url": f"/l/{number * 7_919_993_111_117 % 2**53}",
        "title": f"Oak table no. {number}, {number * 37 % 300} cm",
        "price": f"€{number * 13 % 900}",
        "place": "Innsbruck",
        "at": clock.now() - number * 5000,
        "flag": "",
        "photo": None,
    }
    return SimpleNamespace(**{**values, **changes})


def render(app: Flask, macro: str, *rows: SimpleNamespace) -> str:
    return str(getattr(app.jinja_env.get_template("shared/_listings.html").module, macro)(rows))


def test_fifty_rows_weigh_little(app: Flask) -> None:
    html = render(app, "rows", *(row(number) for number in range(50)))
    assert len(brotli.compress(html.encode(), quality=3)) < 4096


def test_hostile_title_stays_text(app: Flask) -> None:
    for macro in ("rows", "gallery"):
        html = render(app, macro, row(1, title="<script>x</script>\u202e", flag="Sold"))
        assert "<script" not in html
        assert "\u202e" not in html
        assert "<mark>Sold</mark>" in html


def test_photos_have_their_size_so_that_nothing_jumps(app: Flask) -> None:
    photo = SimpleNamespace(src="/photos/a-320.jpg", avif="/photos/a-320.avif", width=320, height=240)
    html = render(app, "gallery", row(1, photo=photo), row(2))
    assert '<source srcset="/photos/a-320.avif" type="image/avif">' in html
    assert '<img src="/photos/a-320.jpg" width="320" height="240" alt="">' in html
    assert "<i></i>" in html


def test_htmx_runs_no_code_from_attributes_and_swaps_422(app: Flask) -> None:
    html = str(app.jinja_env.get_template("shared/_meta.html").module.htmx())  # type: ignore[attr-defined]
    found = re.search(r"content='([^']+)'", html)
    assert found
    config = json.loads(found.group(1))
    assert config["allowEval"] is False
    assert config["historyCacheSize"] == 0
    assert {"code": "422", "swap": True} in config["responseHandling"]
    assert re.search(r'<script src="/static/htmx\.[0-9a-f]{10}\.js" defer></script>', html)
