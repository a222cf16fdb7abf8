"""Unsafe requests need a token of this browser's own, and none from another site gets through."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient


def token(client: FlaskClient, path: str = "/form") -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get(path).text)
    assert found
    return found.group(1)


def changes(client: FlaskClient) -> int:
    return client.application.config.get("CHANGES", 0)


def test_form_with_its_token_is_accepted_from_a_text_browser(client: FlaskClient) -> None:
    response = client.post("/form", data={"csrf_token": token(client), "title": "Bicycle"})
    assert response.status_code == 303
    assert changes(client) == 1


@pytest.mark.parametrize("given", ["", "x", "é", "A" * 43, "%00", "=" * 44])
def test_form_without_a_valid_token_changes_nothing_and_helps(client: FlaskClient, given: str) -> None:
    token(client)
    response = client.post("/form", data={"csrf_token": given, "title": "Bicycle"})
    assert response.status_code == 403
    assert "reload the page" in response.text
    assert changes(client) == 0


def test_token_without_the_cookie_is_refused(app: Flask) -> None:
    given = token(app.test_client())
    assert app.test_client().post("/form", data={"csrf_token": given, "title": "x"}).status_code == 403


def test_token_of_another_session_is_refused(app: Flask) -> None:
    mine, hers = app.test_client(), app.test_client()
    mine.set_cookie("session", "one")
    hers.set_cookie("session", "two")
    assert mine.post("/form", data={"csrf_token": token(hers), "title": "x"}).status_code == 403
    assert mine.post("/form", data={"csrf_token": token(mine), "title": "x"}).status_code == 303


def test_token_from_before_login_is_refused_after_it(client: FlaskClient) -> None:
    given = token(client)
    client.set_cookie("session", "fresh")
    assert client.post("/form", data={"csrf_token": given, "title": "x"}).status_code == 403


def test_tokens_differ_on_every_page_and_all_work(client: FlaskClient) -> None:
    first, second = token(client), token(client)
    assert first != second
    for given in (first, second):
        assert client.post("/form", data={"csrf_token": given, "title": "x"}).status_code == 303


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "same-origin"}, 303),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://localhost"}, 303),
        ({"Origin": "http://127.0.0.1:8000"}, 303),
    ],
)
def test_request_made_by_another_site_is_refused_even_with_a_token(
    client: FlaskClient, headers: dict[str, str], status: int
) -> None:
    response = client.post("/form", data={"csrf_token": token(client), "title": "x"}, headers=headers)
    assert response.status_code == status


def test_exempt_view_needs_no_token(client: FlaskClient) -> None:
    assert client.post("/hook").text == "signed"


def test_reading_page_sets_no_cookie_and_carries_no_token(client: FlaskClient) -> None:
    response = client.get("/shared")
    assert "Set-Cookie" not in response.headers
    assert "csrf_token" not in response.text


def test_form_page_is_private_and_its_cookie_is_hard_to_steal(app: Flask) -> None:
    response = app.test_client().get("/form")
    assert response.headers["Cache-Control"] == "private, no-cache"
    cookie = response.headers["Set-Cookie"]
    assert cookie.startswith("visit=")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_cookies_of_an_https_site_are_host_bound_and_secure(build) -> None:
    response = build(public_url="https://list.example").test_client().get("/form")
    cookie = response.headers["Set-Cookie"]
    assert cookie.startswith("__Host-visit=")
    assert "Secure" in cookie
    assert "Domain" not in cookie
