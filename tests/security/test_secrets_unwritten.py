"""No password, mailed token or session secret is written anywhere but as a hash: not in a log, a file or a column."""

import io
import logging
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from shared import accounts, listings
from shared.config import ROOT
from shared.ids import owner_of
from shared.observability import JsonFormatter
from shared.sharding import Fleet, transaction
from tests.factories import accounts as people
from tests.factories import listings as goods
from tests.factories.browser import send_form
from tests.factories.site import public_site

FIRST, SECOND, WRONG = "Quellwolke-Ampel-17", "Laternen-Schnee-23", "Irrtum-Wanderweg-99"


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """All that is logged at any level, as production would write it."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(JsonFormatter())
    before = logging.root.level
    logging.root.addHandler(handler)
    logging.root.setLevel(logging.DEBUG)
    yield written
    logging.root.setLevel(before)
    logging.root.removeHandler(handler)


def _journey(tmp_path: Path) -> list[str]:
    """An account's life, with mistakes; returns every secret that was in it."""
    site = public_site(tmp_path)
    email = "anna@example.org"
    send_form(site, "/signup", email=email, name="Anna", password=FIRST)
    user = accounts.find_by_address(email)
    assert user
    confirm = people.mailed(user.owner, "confirm")
    assert send_form(site, f"/account/confirm/{confirm}", password=FIRST).status_code == 303
    cookies = [_cookie(site)]
    assert send_form(site, "/account", "/logout").status_code == 303
    assert send_form(site, "/login", email=email, password=WRONG).status_code == 422
    assert send_form(site, "/login?next=/account", email=email, password=FIRST).status_code == 303
    cookies.append(_cookie(site))
    assert send_form(site, "/account/email", email="new@example.org", password=FIRST).status_code == 303
    move = people.mailed_address_change(user.owner)
    assert send_form(site, f"/account/email/{move}").status_code == 303
    assert send_form(site, "/account/password", current=WRONG, password=SECOND).status_code == 422
    assert site.get("/account/export").status_code == 200
    assert send_form(site, "/account", "/logout").status_code == 303
    reset = people.mailed(user.owner, "reset")
    assert send_form(site, f"/reset/{reset}", password=SECOND).status_code == 303
    assert site.get(f"/reset/{reset}").status_code == 410
    assert send_form(site, "/login", email="new@example.org", password=SECOND).status_code == 303
    cookies.append(_cookie(site))
    webhook_secrets = _webhook_secrets(site)
    assert send_form(site, "/account/close", password=WRONG).status_code == 422
    assert send_form(site, "/account/close", password=SECOND).status_code == 303
    assert site.post("/login", data={"email": email, "password": WRONG}).status_code == 403
    tokens = [token[14:] for token in (confirm, move, reset, *cookies)]
    return [FIRST, SECOND, WRONG, _managed_without_an_account(site), *tokens, *webhook_secrets]


def _webhook_secrets(site: FlaskClient) -> list[str]:
    """Add an endpoint and rotate its secret; returns what follows `whsec_` in both."""
    fields = {"url": "https://seller.example/", "types": "listing.created", "per_second": "25", "at_once": "4"}
    added = send_form(site, "/account/webhooks/add", **fields).text
    endpoint = re.search(r"/account/webhooks/\d+", added)
    assert endpoint
    rotated = send_form(site, f"{endpoint[0]}/secret", overlap="86400").text
    assert send_form(site, endpoint[0], f"{endpoint[0]}/test", type="listing.created").status_code == 303
    found = re.findall(r"whsec_([^<]{44})<", added + rotated)
    assert len(found) == 2
    return found


def _managed_without_an_account(site: FlaskClient) -> str:
    """Publish a guest's listing by the mailed link; returns the secret part of the link."""
    listing = goods.guest_draft("a browser's key")
    with transaction(owner_of(listing)) as session:
        token = listings.mint_manage_link(session, listing)
    assert site.get("/manage", query_string={"token": token}).status_code == 200
    assert send_form(site, f"/manage?token={token}", "/manage").status_code == 303
    return token.partition(".")[2]


def _cookie(site: FlaskClient) -> str:
    found = site.get_cookie("session")
    assert found
    return str(found.value)


def test_nothing_secret_is_logged_or_written_to_disk(fleet: Fleet, tmp_path: Path, log: io.StringIO) -> None:
    secrets = _journey(tmp_path)
    written = log.getvalue()
    assert written.count('"logger": "access"') > 20
    leaked = [secret for secret in secrets if secret in written]
    assert leaked == []
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    for path in files:
        content = path.read_bytes()
        assert not any(secret.encode() in content for secret in secrets), path


def test_nothing_secret_is_in_any_column(fleet: Fleet, tmp_path: Path) -> None:
    secrets = _journey(tmp_path)
    for database in (fleet.directory, *fleet.shards.values()):
        with database.reader.connect() as connection:
            for (table,) in connection.execute(text(_TABLES[connection.dialect.name])).all():
                for row in connection.execute(text(f"SELECT * FROM `{table}`")):
                    values = " ".join(map(str, row))
                    assert not any(secret in values for secret in secrets), table


def test_the_log_format_for_nginx_leaves_out_every_token(fleet: Fleet, tmp_path: Path) -> None:
    page = (ROOT / "docs" / "settings.md").read_text()
    cut = re.search(r'map \$uri \$told { "~(.+?)" "\$\{shown\}\[hidden\]"; default \$uri; }', page)
    written = re.search(r"log_format steveslist '(.+?)';", page)
    assert cut
    assert written
    # $told is all that it has of an address: no query, no Referer, no request line.
    assert set(re.findall(r"\$\w+", written[1])) == {
        *("$remote_addr", "$time_iso8601", "$request_method", "$told", "$status", "$body_bytes_sent"),
        "$http_user_agent",
    }
    rules = [rule.rule for rule in public_site(tmp_path).application.url_map.iter_rules() if "token" in rule.arguments]
    assert len(rules) >= 3
    for rule in rules:
        path = rule.replace("<token>", "0123456789abcdef")
        found = re.match(cut[1], path)
        assert found, rule
        assert "0123456789abcdef" not in found["shown"]


_TABLES = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'table'",
    "mysql": "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE()",
}
