"""Forms that come in another session than they were made in are shown again, if they are ours and hold no secret."""

import io
import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from shared.web import kept
from shared.web.templating import TEMPLATES
from tests.journeys.visitor import _FormReader
from tests.shared.web.test_csrf import changes, token

TYPED = {"title": "Bicycle", "words": "Red.\r\n\r\n<b>Hardly</b> used. " * 3, "kind": "b"}
OURS = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def stale(client: FlaskClient) -> dict[str, str]:
    """A form filled in before another session began."""
    given = token(client)
    client.set_cookie("visit", "another")
    return {"csrf_token": given, "form_token": "ab" * 16, **TYPED}


def send(client: FlaskClient, data: dict[str, Any], **headers: str) -> TestResponse:
    return client.post("/form?step=2", data=data, headers={name.replace("_", "-"): v for name, v in headers.items()})


def shown(response: TestResponse) -> dict[str, str]:
    reader = _FormReader("/form")
    reader.feed(response.text)
    form = reader.forms[-1]
    assert (form.action, form.method) == ("/form?step=2", "post")
    return dict(form.fields)


@pytest.mark.parametrize(
    "headers",
    [{"Sec-Fetch-Site": "same-origin"}, {"Origin": "http://localhost"}, {"Referer": "http://localhost/form"}],
)
def test_all_that_was_typed_comes_back_and_one_press_sends_it(
    client: FlaskClient, stale: dict[str, str], headers: dict[str, str]
) -> None:
    page = send(client, stale, **headers)
    assert page.status_code == 403
    assert page.headers["Cache-Control"] == "no-store"
    assert "<b>Hardly" not in page.text
    assert changes(client) == 0
    again = shown(page)
    assert {name: value.replace("\r\n", "\n") for name, value in again.items() if name != "csrf_token"} == {
        "form_token": "ab" * 16, **TYPED, "words": TYPED["words"].replace("\r\n", "\n"),
    }  # fmt: skip
    assert send(client, again, **headers).status_code == 303
    assert changes(client) == 1


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "none"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"},
        {"Origin": "null"},
        {"Origin": "https://evil.example", "Referer": "http://localhost/form"},
        {"Referer": "https://evil.example/localhost"},
    ],
)
def test_form_that_is_not_known_to_be_ours_is_not_shown(
    client: FlaskClient, stale: dict[str, str], headers: dict[str, str]
) -> None:
    page = send(client, stale, **headers)
    assert page.status_code == 403
    assert "Bicycle" not in page.text
    assert "Hardly" not in page.text


@pytest.mark.parametrize(
    "more",
    [
        {"password": "seven green tables"},
        {"current": "seven green tables"},
        {"photo": (io.BytesIO(b"x"), "x.jpg")},
        {"words": "x" * 100_001},
        {f"field{number}": "x" for number in range(60)},
    ],
    ids=["password", "present password", "file", "too long", "too many"],
)
def test_secrets_files_and_floods_are_not_shown(
    client: FlaskClient, stale: dict[str, str], more: dict[str, Any]
) -> None:
    page = send(client, stale | more, Sec_Fetch_Site="same-origin")
    assert page.status_code == 403
    assert "Bicycle" not in page.text
    assert "seven green tables" not in page.text


def test_button_alone_is_nothing_to_keep(client: FlaskClient, stale: dict[str, str]) -> None:
    page = client.post("/form", data={"csrf_token": stale["csrf_token"], "form_token": "ab" * 16}, headers=OURS)
    assert "<h1>That is not allowed</h1>" in page.text


def test_a_session_that_is_over_is_forgotten_so_that_the_page_can_be_sent(app: Flask) -> None:
    client = app.test_client()
    client.set_cookie("session", "over")
    page = send(client, {"csrf_token": "x", **TYPED}, **OURS)
    assert client.get_cookie("session") is None
    assert 'href="/login"' in page.text
    assert send(client, shown(page), **OURS).status_code == 303


def test_every_password_field_is_known_as_a_secret() -> None:
    found = set()
    for template in TEMPLATES.rglob("*.html"):
        found |= set(re.findall(r'f\.text\(form, "(\w+)"[^}]*type="password"', template.read_text()))
    assert found
    assert found <= kept.SECRET
