"""Static files under names that carry their content's hash, compressed once at boot and immutable ever after."""

import gzip
import hashlib
import os
import re
import string
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import brotli
from markupsafe import Markup
from whitenoise import WhiteNoise

_YEAR = 365 * 24 * 3600
_CUSTOM_PROPERTY = re.compile(r"--[a-z][a-z-]*")
_COMPRESSIBLE = frozenset({".css", ".js", ".svg", ".txt", ".json"})


class Assets:
    """The static files of one app: `url("htmx.js")` -> "/static/htmx.0123abcd.js".

    `sources` are folders whose files share one flat namespace; a later folder may not reuse a name of an earlier one.
    `cache` is where the hashed copies are written; several workers may do so at once.
    """

    def __init__(self, sources: list[Path], cache: Path) -> None:
        self.cache = cache
        self._urls: dict[str, str] = {}
        for source in sources:
            for path in sorted(source.glob("*.*")):
                if path.name in self._urls:
                    raise ValueError(f"two static files are called {path.name}")
                self._urls[path.name] = f"/static/{publish(path, cache)}"

    def url(self, name: str) -> str:
        """The URL of a static file; KeyError when there is none."""
        return self._urls[name]

    def serve(self, wsgi_app: Any) -> WhiteNoise:
        """`wsgi_app` behind a server for these files."""
        return WhiteNoise(
            wsgi_app,
            root=str(self.cache),
            prefix="static/",
            max_age=_YEAR,
            immutable_file_test=lambda path, url: True,
            allow_all_origins=False,
            charset="utf-8",
        )


def publish(path: Path, cache: Path) -> str:
    """Write `path` and its compressed forms into `cache` under a hashed name, which is returned."""
    data = path.read_bytes()
    name = f"{path.stem}.{hashlib.sha256(data).hexdigest()[:10]}{path.suffix}"
    variants = {name: data} | ({name + end: body for end, body in _compressed(data).items()} if _worth(path) else {})
    for variant, body in variants.items():
        if not (cache / variant).exists():
            _write_at_once(cache / variant, body)
    return name


def _worth(path: Path) -> bool:
    return path.suffix in _COMPRESSIBLE


@lru_cache(maxsize=32)
def _compressed(data: bytes) -> Mapping[str, bytes]:
    return {".br": brotli.compress(data, quality=11), ".gz": gzip.compress(data, 9, mtime=0)}


def _write_at_once(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    unfinished.write_bytes(data)
    unfinished.replace(path)


def minify(css: str) -> str:
    """Our stylesheet without comments and needless white space, its custom properties cut to one or two letters.

    Made for our own file, which keeps no string with two spaces in it.
    """
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.S)
    css = re.sub(r"\s+", " ", css)
    css = re.sub(r" ?([{};,>]) ?", r"\1", css)
    css = re.sub(r"([:(]) ", r"\1", css).replace("@media (", "@media(").replace(";}", "}").strip()
    names = {name: f"--{_short(index)}" for index, name in enumerate(dict.fromkeys(_CUSTOM_PROPERTY.findall(css)))}
    return _CUSTOM_PROPERTY.sub(lambda match: names[match.group()], css)


def _short(index: int) -> str:
    letters = string.ascii_lowercase
    return (
        letters[index] if index < len(letters) else letters[index // len(letters) - 1] + letters[index % len(letters)]
    )


def inline_css(path: Path) -> Markup:
    """The one stylesheet, ready for <style>; the CSP names the hash of exactly this text."""
    return Markup(minify(path.read_text(encoding="utf-8")))
