"""Headers, caching, encodings, request ids and the size of things."""

import gzip
import logging
from collections.abc import Callable

import brotli
import pytest
from flask import Flask
from flask.testing import FlaskClient

from shared.web.compression import choose
from shared.web.request_ids import printable_path

MUST_HAVE = (
    "Content-Security-Policy",
    "X-Content-Type-Options",
    "Referrer-Policy",
    "Cross-Origin-Opener-Policy",
    "Cross-Origin-Resource-Policy",
    "X-Request-Id",
)


@pytest.mark.parametrize(
    "path", ["/shared", "/form", "/no-such", "/plain?x=%00", "/static/no-such", "/error/throttled", "/crash"]
)
def test_every_response_carries_the_security_headers(build: Callable[..., Flask], path: str) -> None:
    response = build(testing=False).test_client().get(path)
    for name in MUST_HAVE:
        assert len(response.headers.getlist(name)) == 1, name
    assert "unsafe" not in response.headers["Content-Security-Policy"]
    assert "Strict-Transport-Security" not in response.headers


def test_static_file_carries_the_security_headers_and_never_expires(app: Flask) -> None:
    url = app.jinja_env.globals["asset"]("htmx.js")
    with app.test_client().get(url, headers={"Accept-Encoding": "br"}) as response:
        assert response.status_code == 200
        assert response.headers["Content-Encoding"] == "br"
        assert "immutable" in response.headers["Cache-Control"]
        for name in MUST_HAVE:
            assert name in response.headers


def test_https_site_asks_for_https_only(build: Callable[..., Flask]) -> None:
    response = build(public_url="https://list.example").test_client().get("/shared")
    assert response.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"


@pytest.mark.parametrize("path", ["/shared", "/form", "/no-such", "/error/throttled"])
def test_response_headers_stay_within_700_bytes(build: Callable[..., Flask], path: str) -> None:
    client = build(public_url="https://list.example").test_client()
    response = client.get(path, headers={"Accept-Encoding": "br"})
    wire = sum(len(name) + len(value) + 4 for name, value in response.headers)
    added_by_the_server = len("HTTP/1.1 200 OK\r\nDate: Sat, 21 Nov 2026 08:00:00 GMT\r\n\r\n")
    cookie = sum(len(value) + 14 for value in response.headers.getlist("Set-Cookie"))
    assert wire + added_by_the_server - cookie <= 700


def test_anonymous_page_is_shared_and_a_signed_in_one_private(client: FlaskClient) -> None:
    assert client.get("/shared").headers["Cache-Control"] == "public, max-age=30"
    assert client.get("/plain").headers["Cache-Control"] == "private, no-cache"
    client.set_cookie("session", "one")
    assert client.get("/shared").headers["Cache-Control"] == "private, no-cache"


@pytest.mark.parametrize("encoding", ["br", "gzip", "identity"])
def test_a_page_that_has_not_changed_is_not_sent_again_in_any_encoding(client: FlaskClient, encoding: str) -> None:
    first = client.get("/shared", headers={"Accept-Encoding": encoding})
    assert first.headers["Vary"] == "Accept-Encoding, Cookie"
    again = client.get("/shared", headers={"Accept-Encoding": "br", "If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    assert again.data == b""
    assert again.headers["ETag"] == first.headers["ETag"]
    assert again.headers["Cache-Control"] == "public, max-age=30"


def test_a_version_is_enough_to_answer_that_nothing_changed(client: FlaskClient) -> None:
    first = client.get("/versioned")
    again = client.get("/versioned", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    client.set_cookie("session", "one")
    assert client.get("/versioned", headers={"If-None-Match": first.headers["ETag"]}).status_code == 200


def test_encodings_hold_the_same_page(client: FlaskClient) -> None:
    plain = client.get("/shared", headers={"Accept-Encoding": "identity"})
    assert "Content-Encoding" not in plain.headers
    assert brotli.decompress(client.get("/shared", headers={"Accept-Encoding": "gzip, br"}).data) == plain.data
    assert gzip.decompress(client.get("/shared", headers={"Accept-Encoding": "gzip"}).data) == plain.data


@pytest.mark.parametrize(
    ("header", "encoding"),
    [
        ("", ""),
        ("br", "br"),
        ("gzip, deflate, br, zstd", "br"),
        ("br;q=0, gzip", "gzip"),
        ("gzip;q=1.0, br;q=0.5", "gzip"),
        ("*", "br"),
        ("identity", ""),
        ("br;q=x", ""),
        ("*;q=0", ""),
    ],
)
def test_encoding_is_the_best_that_the_client_reads(header: str, encoding: str) -> None:
    assert choose(header) == encoding


def test_request_id_from_outside_counts_only_behind_our_own_proxy(build: Callable[..., Flask]) -> None:
    given = {"X-Request-Id": "0123456789abcdef"}
    assert build().test_client().get("/plain", headers=given).headers["X-Request-Id"] != given["X-Request-Id"]
    trusting = build(trusted_proxies=1).test_client()
    assert trusting.get("/plain", headers=given).headers["X-Request-Id"] == given["X-Request-Id"]
    assert trusting.get("/plain", headers={"X-Request-Id": "a b"}).headers["X-Request-Id"] != "a b"


def test_access_log_has_neither_query_nor_token(client: FlaskClient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="access"):
        client.get("/plain?password=hunter2")
        client.get("/confirm/Zm9vYmFyYmF6cXV4MTIzNDU2")
    lines = [(record.__dict__["path"], record.__dict__["status"]) for record in caplog.records]
    assert lines == [("/plain", 200), ("/confirm/[hidden]", 404)]


def test_printable_path_keeps_long_place_names_and_shows_no_line_breaks() -> None:
    assert printable_path("/in/es/canarias/santa-cruz-de-tenerife") == "/in/es/canarias/santa-cruz-de-tenerife"
    assert "\n" not in printable_path("/a\nb")


@pytest.mark.parametrize(
    ("proxies", "forwarded", "network"),
    [
        (0, "203.0.113.9", "127.0.0.1/32"),
        (1, "198.51.100.1, 203.0.113.9", "203.0.113.9/32"),
        (2, "198.51.100.1, 203.0.113.9", "198.51.100.1/32"),
        (1, "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        (1, "::ffff:203.0.113.9", "203.0.113.9/32"),
        (1, "nonsense", "unknown"),
    ],
)
def test_client_is_counted_by_network_and_cannot_choose_it(
    build: Callable[..., Flask], proxies: int, forwarded: str, network: str
) -> None:
    client = build(trusted_proxies=proxies).test_client()
    assert client.get("/whence", headers={"X-Forwarded-For": forwarded}).text == network


def test_notice_is_shown_once_on_a_private_page(app: Flask) -> None:
    client = app.test_client()
    client.set_cookie("session", "one")
    page = client.get("/form").text
    token = page.split('name="csrf_token" value="')[1].split('"')[0]
    client.post("/form", data={"csrf_token": token, "title": "x"})
    shown = client.get("/plain")
    assert "It is saved." in shown.text
    assert shown.headers["Cache-Control"] == "private, no-cache"
    assert "It is saved." not in client.get("/plain").text


def test_forged_notice_is_not_shown(client: FlaskClient) -> None:
    client.set_cookie("notice", "Send me money")
    assert "money" not in client.get("/plain").text
