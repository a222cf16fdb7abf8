"""Nobody learns from sign-up, login, reset or confirmation whether an address has an account."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event
from werkzeug.test import TestResponse

from shared.accounts import passwords
from shared.sharding import Fleet
from tests.factories import accounts as people
from tests.factories.browser import send_form
from tests.factories.site import public_site

KNOWN, PENDING, UNKNOWN = "known@example.org", "waits@example.org", "nobody@example.org"
Probe = Callable[[FlaskClient, str], TestResponse]

PROBES: dict[str, Probe] = {
    "signup": lambda site, email: send_form(site, "/signup", email=email, name="Eve", password="seven green tables"),
    "login": lambda site, email: send_form(site, "/login", email=email, password="not the password"),
    "reset": lambda site, email: send_form(site, "/reset", email=email),
    "confirm": lambda site, email: send_form(site, "/account/confirm", email=email),
}


@pytest.fixture
def site(fleet: Fleet, tmp_path: Path) -> FlaskClient:
    client = public_site(tmp_path)
    people.confirmed(KNOWN)
    people.pending(PENDING)
    return client


def _seen(answer: TestResponse, email: str) -> tuple[object, ...]:
    """All that an observer gets, without what is random in every answer."""
    cookies = sorted(each.partition("=")[0] for each in answer.headers.getlist("Set-Cookie"))
    body = re.sub(r'value="[\w-]{32,}"', "", answer.text.replace(email, "EMAIL"))
    headers = sorted(name for name, _ in answer.headers)
    return answer.status_code, answer.location, cookies, headers, body


@pytest.mark.parametrize("probe", PROBES)
def test_status_body_headers_and_cookies_are_the_same(site: FlaskClient, probe: str) -> None:
    answers = [
        _seen(PROBES[probe](site.application.test_client(), email), email) for email in (KNOWN, PENDING, UNKNOWN)
    ]
    assert answers[0] == answers[1] == answers[2]


@pytest.mark.parametrize("probe", PROBES)
def test_as_many_passwords_are_hashed(site: FlaskClient, probe: str, monkeypatch: pytest.MonkeyPatch) -> None:
    passwords._dummy(4)
    calls: list[str] = []
    for name in ("hashpw", "checkpw"):
        plain = getattr(passwords.bcrypt, name)
        monkeypatch.setattr(passwords.bcrypt, name, lambda *given, n=name, f=plain: (calls.append(n), f(*given))[1])

    def hashed(email: str) -> list[str]:
        calls.clear()
        PROBES[probe](site, email)
        return list(calls)

    assert hashed(KNOWN) == hashed(PENDING) == hashed(UNKNOWN)


@pytest.mark.parametrize("probe", PROBES)
def test_as_many_transactions_are_committed(site: FlaskClient, fleet: Fleet, probe: str) -> None:
    commits: list[str] = []
    for database in (fleet.directory, *fleet.shards.values()):
        event.listen(database.engine, "commit", lambda _connection, name=database.name: commits.append(name))

    def committed(email: str) -> int:
        commits.clear()
        PROBES[probe](site, email)
        return len(commits)

    assert committed(KNOWN) == committed(PENDING) == committed(UNKNOWN)


def test_a_throttle_shuts_for_unknown_addresses_as_for_known_ones(site: FlaskClient) -> None:
    for email in (KNOWN, UNKNOWN):
        statuses = [PROBES["reset"](site, email).status_code for _ in range(5)]
        assert statuses == [303] * 4 + [429]


def test_asking_to_move_to_a_taken_address_answers_like_a_free_one(site: FlaskClient) -> None:
    send_form(site, "/login", email=KNOWN, password=people.PASSWORD)
    answers = []
    for email in (PENDING, UNKNOWN):
        answer = send_form(site, "/account/email", email=email, password=people.PASSWORD)
        answers.append(_seen(answer, email))
    assert answers[0] == answers[1]
