"""One small stylesheet, hashed files, a vendored htmx that is the one we checked."""

import base64
import hashlib
import re
from pathlib import Path

from flask import Flask

from shared.web.assets import Assets, minify
from shared.web.factory import STATIC

# dist/htmx.min.js of the npm package htmx.org 2.0.11
HTMX_SHA256 = "d6fdc75f204e6bdefa99b69bf1e6d4ac69b8a364f77929f45c13476b4000f717"
# dist/sse.min.js of the npm package htmx-ext-sse 2.2.4
HTMX_SSE_SHA256 = "98a46496de0c3605fbffdce9167ba427bdd9553184f83f149c261891a92c0136"


def test_vendored_htmx_and_its_extension_are_the_released_files() -> None:
    assert hashlib.sha256((STATIC / "shared" / "htmx.js").read_bytes()).hexdigest() == HTMX_SHA256
    assert hashlib.sha256((STATIC / "shared" / "htmx-sse.js").read_bytes()).hexdigest() == HTMX_SSE_SHA256


def test_stylesheet_is_at_most_3_kb() -> None:
    assert len(minify((STATIC / "shared" / "site.css").read_text()).encode()) <= 3072


def test_stylesheet_is_the_same_on_every_page_and_named_by_the_policy(app: Flask) -> None:
    client = app.test_client()
    styles = set()
    for path in ("/shared", "/form", "/no-such"):
        response = client.get(path)
        style = re.findall(r"<style>(.*?)</style>", response.text, re.S)
        assert len(style) == 1
        digest = base64.b64encode(hashlib.sha256(style[0].encode()).digest()).decode()
        assert f"style-src 'sha256-{digest}'" in response.headers["Content-Security-Policy"]
        styles.update(style)
    assert len(styles) == 1


def test_pages_have_neither_inline_script_nor_style_attributes(app: Flask) -> None:
    for path in ("/shared", "/form", "/no-such"):
        html = app.test_client().get(path).text
        assert not re.search(r"<script(?! src)|\sstyle=|\son[a-z]+=", html)


def test_minified_css_keeps_its_meaning() -> None:
    css = minify("/* x */ :root { --paper: #fff }\n@media (min-width: 1px) {\n a > b { color: var(--paper); }\n}\n")
    assert css == ":root{--a:#fff}@media(min-width:1px){a>b{color:var(--a)}}"


def test_changed_file_gets_another_name_and_the_old_one_stays(tmp_path: Path) -> None:
    source, cache = tmp_path / "source", tmp_path / "cache"
    source.mkdir()
    (source / "a.js").write_text("one")
    first = Assets([source], cache).url("a.js")
    (source / "a.js").write_text("two")
    second = Assets([source], cache).url("a.js")
    assert first != second
    assert (cache / Path(first).name).exists()
    assert (cache / (Path(second).name + ".br")).exists()
