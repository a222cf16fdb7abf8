"""Every form of the account needs the token of this very browser; nothing changes without."""

from pathlib import Path

import pytest
from flask.testing import FlaskClient

from shared import accounts
from shared.sharding import Fleet
from tests.factories import accounts as people
from tests.factories.browser import send_form
from tests.factories.site import public_site

FORMS = {
    "/signup": {"email": "new@example.org", "name": "Eve", "password": "seven green tables"},
    "/login": {"email": "anna@example.org", "password": people.PASSWORD},
    "/logout": {},
    "/reset": {"email": "anna@example.org"},
    "/account/name": {"name": "Eve"},
    "/account/email": {"email": "new@example.org", "password": people.PASSWORD},
    "/account/password": {"current": people.PASSWORD, "password": "seven green tables"},
    "/account/sessions": {"session": "all"},
    "/account/close": {"password": people.PASSWORD},
}


@pytest.fixture
def site(fleet: Fleet, tmp_path: Path) -> FlaskClient:
    client = public_site(tmp_path)
    people.confirmed()
    assert send_form(client, "/login", email="anna@example.org", password=people.PASSWORD).status_code == 303
    return client


def _unchanged(site: FlaskClient) -> None:
    page = site.get("/account")
    assert page.status_code == 200
    assert "Anna" in page.text
    assert accounts.find_by_address("new@example.org") is None
    assert accounts.log_in("anna@example.org", people.PASSWORD)


@pytest.mark.parametrize("path", FORMS)
def test_a_form_without_a_token_does_nothing(site: FlaskClient, path: str) -> None:
    assert site.post(path, data=FORMS[path]).status_code == 403
    _unchanged(site)


@pytest.mark.parametrize("path", FORMS)
def test_the_token_of_another_session_does_nothing(site: FlaskClient, path: str) -> None:
    people.confirmed("eve@example.org")
    other = site.application.test_client()
    send_form(other, "/login", email="eve@example.org", password=people.PASSWORD)
    token = other.get("/account/name").text.partition('name="csrf_token" value="')[2].partition('"')[0]
    assert token
    assert site.post(path, data={**FORMS[path], "csrf_token": token}).status_code == 403
    _unchanged(site)


@pytest.mark.parametrize("path", FORMS)
def test_a_form_sent_from_another_site_does_nothing(site: FlaskClient, path: str) -> None:
    token = site.get("/account/name").text.partition('name="csrf_token" value="')[2].partition('"')[0]
    sent = site.post(path, data={**FORMS[path], "csrf_token": token}, headers={"Sec-Fetch-Site": "cross-site"})
    assert sent.status_code == 403
    _unchanged(site)


@pytest.mark.parametrize("path", ["/logout", "/account/sessions"])
def test_a_link_cannot_do_what_a_button_does(site: FlaskClient, path: str) -> None:
    assert site.get(path).status_code == 405
    _unchanged(site)
