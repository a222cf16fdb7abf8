"""The public app as a whole: it starts, says how it is, and knows nothing of the staff site."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from jinja2 import TemplateNotFound

from public_app import create_app
from public_app.health.checks import run_all
from shared.sharding import Fleet
from tests.factories.settings import settings


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    return create_app(settings(tmp_path), testing=True)


def test_process_says_that_it_lives(app: Flask) -> None:
    response = app.test_client().get("/healthz")
    assert (response.status_code, response.text) == (200, "ok\n")
    assert response.headers["Cache-Control"] == "no-store"


def test_unknown_page_is_a_page(app: Flask) -> None:
    response = app.test_client().get("/no-such")
    assert response.status_code == 404
    assert "<h1>There is no such page</h1>" in response.text
    assert "Set-Cookie" not in response.headers


def test_public_app_cannot_show_staff_pages(app: Flask) -> None:
    with pytest.raises(TemplateNotFound):
        app.jinja_env.get_template("admin/base.html")


def test_readiness_names_what_does_not_answer(fleet: Fleet, tmp_path: Path) -> None:
    client = create_app(settings(tmp_path), testing=True).test_client()
    response = client.get("/readyz")
    checks = response.get_json()["checks"]
    assert response.status_code == 503
    assert set(response.get_json()["failing"]) == {"redis", "search index"}
    assert checks["database u1"]["ok"]
    assert checks["database directory"]["ok"]


def test_a_check_that_hangs_does_not_hold_up_the_others() -> None:
    release = threading.Event()
    checks: dict[str, Callable[[], object]] = {"slow": release.wait, "quick": lambda: None}
    outcomes = {outcome.name: outcome.problem for outcome in run_all(checks, seconds=0.05)}
    release.set()
    assert outcomes["quick"] == ""
    assert outcomes["slow"] == "no answer within 0.05 s"


def test_problem_names_the_kind_of_error_and_no_address() -> None:
    def broken() -> None:
        raise ConnectionError("redis://:secret@10.0.0.1")

    (outcome,) = run_all({"redis": broken})
    assert outcome.problem == "ConnectionError"


def test_what_is_not_ready_is_logged_in_one_line(caplog: pytest.LogCaptureFixture) -> None:
    def missing() -> None:
        raise FileNotFoundError("no index yet")

    run_all({"search index": missing})
    (record,) = caplog.records
    assert record.getMessage() == "search index is not ready: FileNotFoundError: no index yet"
    assert record.exc_info is None
