"""A crowd at one anonymous page costs one rendering; nothing personal is ever kept."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import Client

from shared.web.page_cache import PageCache


class Counting:
    """A WSGI app that numbers its answers."""

    def __init__(self, *headers: tuple[str, str]) -> None:
        self.calls = 0
        self.headers = [*headers, ("ETag", 'W/"1"'), ("Content-Length", "1")]

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        self.calls += 1
        start_response("200 OK", self.headers)
        return [str(self.calls).encode()]


PUBLIC = ("Cache-Control", "public, max-age=30")


def test_a_public_page_is_answered_from_memory_until_its_time_is_up() -> None:
    now = [0.0]
    app = Counting(PUBLIC)
    client = Client(PageCache(app, 2, clock=lambda: now[0]), use_cookies=False)
    assert [client.get("/").text for _ in range(3)] == ["1", "1", "1"]
    now[0] = 2.5
    assert client.get("/").text == "2"


def test_reader_who_has_the_page_gets_304_from_memory() -> None:
    client = Client(PageCache(Counting(PUBLIC), 2), use_cookies=False)
    client.get("/")
    response = client.get("/", headers={"If-None-Match": 'W/"1"'})
    assert (response.status_code, response.data) == (304, b"")


@pytest.mark.parametrize(
    "headers",
    [{"Cookie": "session=1"}, {"Authorization": "Bearer x"}, {"Range": "bytes=0-1"}],
    ids=["cookie", "key", "range"],
)
def test_personal_requests_pass_by(headers: dict[str, str]) -> None:
    client = Client(PageCache(Counting(PUBLIC), 2), use_cookies=False)
    client.get("/")
    assert client.get("/", headers=headers).text == "2"


@pytest.mark.parametrize(
    "app", [Counting(("Cache-Control", "private, no-cache")), Counting(PUBLIC, ("Set-Cookie", "a=b")), Counting()]
)
def test_what_the_app_does_not_call_public_is_not_kept(app: Counting) -> None:
    client = Client(PageCache(app, 2), use_cookies=False)
    assert [client.get("/").text, client.get("/").text] == ["1", "2"]


def test_other_methods_and_addresses_are_other_pages() -> None:
    app = Counting(PUBLIC)
    client = Client(PageCache(app, 2), use_cookies=False)
    for path in ("/", "/?q=1", "/a"):
        client.get(path)
    client.post("/")
    assert app.calls == 4


def test_memory_is_bounded() -> None:
    cache = PageCache(Counting(PUBLIC), 2)
    client = Client(cache, use_cookies=False)
    for number in range(600):
        client.get(f"/?q={number}")
    assert len(cache._pages) == 512


def test_every_answer_from_memory_has_its_own_request_id(build: Callable[..., Flask]) -> None:
    client = build(page_cache_seconds=60).test_client()
    first, second = client.get("/shared"), client.get("/shared")
    assert first.data == second.data
    assert first.headers["X-Request-Id"] != second.headers["X-Request-Id"]
    assert second.headers["Content-Security-Policy"]
