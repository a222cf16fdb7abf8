"""Errors are small pages that say what to do next, and nothing about our insides."""

import errno
from collections.abc import Callable

import brotli
import pytest
from flask import Flask
from flask.testing import FlaskClient
from redis.exceptions import ConnectionError as RedisAway
from sqlalchemy.exc import OperationalError

from shared.web.errors import error_page


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 408, 409, 410, 411, 413, 414, 415, 422, 429, 500, 503])
def test_error_page_weighs_at_most_2_kb_and_helps(app: Flask, status: int) -> None:
    with app.test_request_context(headers={"Accept-Encoding": "br"}):
        response = app.process_response(error_page(status))
    assert response.status_code == status
    assert len(response.data) <= 2048
    html = brotli.decompress(response.data).decode()
    assert f"Error {status}, request " in html
    assert '<a href="/">' in html
    assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("name", "status", "words"),
    [
        ("missing", 404, "No such bicycle."),
        ("invalid", 422, "needs a change"),
        ("conflict", 409, "It is sold."),
        ("throttled", 429, "Try again in 90 seconds"),
        ("later", 503, "The mail server is away."),
    ],
)
def test_room_error_becomes_a_page(client: FlaskClient, name: str, status: int, words: str) -> None:
    response = client.get(f"/error/{name}")
    assert response.status_code == status
    assert words in response.text


def test_throttled_says_when_to_come_back(client: FlaskClient) -> None:
    assert client.get("/error/throttled").headers["Retry-After"] == "90"


def test_unforeseen_error_shows_nothing_of_itself(
    build: Callable[..., Flask], caplog: pytest.LogCaptureFixture
) -> None:
    response = build(testing=False).test_client().get("/crash")
    assert response.status_code == 500
    assert "hunter2" not in response.text
    assert "Traceback" not in response.text
    assert response.headers["X-Request-Id"] in response.text
    assert "unforeseen error" in caplog.text


@pytest.mark.parametrize(
    "error",
    [
        OperationalError("SELECT 'hunter2'", {}, Exception()),
        RedisAway("10.0.0.1"),
        OSError(errno.ENOSPC, "No space left on device", "hunter2"),
    ],
)
def test_dependency_that_is_away_is_a_503_that_says_when_to_return(
    build: Callable[..., Flask], error: Exception
) -> None:
    def away() -> str:
        raise error

    app = build(testing=False)
    app.add_url_rule("/away", view_func=away)
    response = app.test_client().get("/away")
    assert (response.status_code, response.headers["Retry-After"]) == (503, "30")
    assert "hunter2" not in response.text
    assert "10.0.0.1" not in response.text


def test_wrong_method_names_the_right_ones(client: FlaskClient) -> None:
    response = client.put("/shared")
    assert response.status_code == 405
    assert "GET" in response.headers["Allow"]
