"""The page of the maildir: safe to look at, and only for whoever sits at a machine that nobody else visits."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from public_app import create_app
from shared.gateways.mail import Mail, MaildirMailer, Sender
from tests.factories.settings import settings

HTML = "<p style='color:red' onclick='evil()'>Hello</p><script>evil()</script><img src=https://tracker.example/x>"


@pytest.fixture
def site(fleet, tmp_path) -> Callable[..., FlaskClient]:
    def make(**changes: Any) -> FlaskClient:
        return create_app(settings(tmp_path, **changes), testing=True).test_client()

    return make


@pytest.fixture
def key(tmp_path: Path) -> str:
    mail = Mail("anna@example.org", "Confirm <b>it</b>", "Open http://127.0.0.1:8000/reset/abc now.\n", HTML)
    MaildirMailer(tmp_path / "mail", Sender("noreply@example.org", "Market")).send(mail)
    return mail.key


def test_the_newest_mail_comes_first(site, key, tmp_path):
    MaildirMailer(tmp_path / "mail", Sender("noreply@example.org", "Market")).send(Mail("bo@example.org", "Later", "x"))
    text = site().get("/dev/mail").text
    assert text.index("Later") < text.index("Confirm &lt;b&gt;it&lt;/b&gt;")
    assert f'href="/dev/mail/{key}"' in text


def test_a_mail_is_shown_with_its_headers_and_links(site, key):
    text = site().get(f"/dev/mail/{key}").text
    assert 'href="http://127.0.0.1:8000/reset/abc"' in text
    assert "anna@example.org" in text
    assert "auto-generated" in text
    assert "evil" not in text, "the HTML part has an address of its own"


def test_the_html_part_can_neither_run_nor_load_anything(site, key):
    answer = site().get(f"/dev/mail/{key}/html")
    assert answer.text.strip() == HTML
    policy = answer.headers["Content-Security-Policy"]
    assert "sandbox" in policy and "default-src 'none'" in policy
    assert "script-src" not in policy and "img-src" not in policy and "allow-scripts" not in policy


def test_no_mail_and_no_such_mail_are_said(site, tmp_path):
    assert "None yet." in site().get("/dev/mail").text
    for wrong in ("0" * 32, "..%2f..%2fsecrets", "x"):
        assert site().get(f"/dev/mail/{wrong}").status_code == 404


def test_a_mail_of_text_alone_has_no_html_page(site, tmp_path):
    mail = Mail("bo@example.org", "Later", "x")
    MaildirMailer(tmp_path / "mail", Sender("noreply@example.org", "Market")).send(mail)
    assert site().get(f"/dev/mail/{mail.key}/html").status_code == 404


@pytest.mark.parametrize(
    "changes",
    [
        {"public_url": "https://market.example"},
        {"public_url": "http://market.example"},
        {"public_url": "https://localhost"},
        {"mail_url": "smtp://127.0.0.1:25?tls=none"},
        {"trusted_proxies": 1},
    ],
)
def test_a_site_for_others_has_no_such_page(site, key, changes):
    for path in ("/dev/mail", f"/dev/mail/{key}", f"/dev/mail/{key}/html"):
        assert site(**changes).get(path).status_code == 404


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "market.example"},
        {"Host": "127.0.0.1.market.example:8000"},
        {"X-Forwarded-For": "203.0.113.9"},
        {"X-Forwarded-Host": "market.example"},
        {"X-Real-IP": "127.0.0.1"},
        {"Forwarded": "for=203.0.113.9"},
        {"Via": "1.1 proxy"},
    ],
)
def test_who_comes_by_another_name_or_through_a_proxy_sees_nothing(site, key, headers):
    assert site().get("/dev/mail", headers=headers).status_code == 404


def test_who_comes_from_elsewhere_sees_nothing(site, key):
    assert site().get("/dev/mail", environ_base={"REMOTE_ADDR": "203.0.113.9"}).status_code == 404


def test_no_cache_keeps_a_mail(site, key):
    for path in ("/dev/mail", f"/dev/mail/{key}", f"/dev/mail/{key}/html"):
        assert site().get(path).headers["Cache-Control"] == "no-store"
