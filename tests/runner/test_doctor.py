"""`run.py doctor` on a real installation under a temporary folder."""

from pathlib import Path

import pytest
from sqlalchemy import text

from jobs.doctor import CHECKS, Finding, Level, examine, send_mail
from jobs.setup import prepare
from shared import clock, scheduling, webhooks
from shared.config import Settings
from shared.events import NewUserSignup, acknowledge, record
from shared.scheduling.ledger import MAX_ATTEMPTS
from shared.search import open_index
from shared.sharding import allocate_owner, on_shard, transaction
from shared.sharding import fleet as fleet_module
from tests.factories import webhooks as webhook_factory


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    return {"STEVESLIST_VAR": str(tmp_path / "var")}


@pytest.fixture
def installed(environ: dict[str, str]):
    """A first start's worth of installation, with an index and nothing running."""
    before = fleet_module._current
    settings = prepare(environ, say=lambda _line: None)
    open_index(settings).rebuild(iter(()), {})
    yield settings
    fleet_module.current().dispose()
    fleet_module._current = before


def level_of(settings: Settings, subject: str) -> Level:
    return max((found.level for found in findings(settings, subject)), key=list(Level).index)


def findings(settings: Settings, subject: str) -> list[Finding]:
    return [found for found in examine(settings) if found.subject == subject]


def changed(environ: dict[str, str], **changes: str) -> Settings:
    return Settings.from_environment(environ | {f"STEVESLIST_{name.upper()}": value for name, value in changes.items()})


def test_a_fresh_installation_has_nothing_that_fails(installed):
    assert [found for found in examine(installed) if found.level is Level.FAIL] == []


def test_a_site_that_is_not_running_is_told_so_and_not_failed(installed):
    assert level_of(installed, "redis") is Level.WARN


def test_a_redis_of_ones_own_that_does_not_answer_fails(environ, installed):
    assert level_of(changed(environ, redis_url="redis://127.0.0.1:1/0"), "redis") is Level.FAIL


def test_a_running_redis_is_asked_whether_it_keeps_jobs(environ, installed, _valkey):
    found = findings(changed(environ, redis_url=_valkey), "redis")
    assert found[0].level is Level.OK
    # The tests' own server has no append-only file.
    assert "append-only" in found[1].fact


def test_secrets_that_others_can_read_fail(installed):
    secret = installed.var / "secrets" / "secret_key"
    secret.chmod(0o644)
    (found,) = findings(installed, "permissions")
    assert found.level is Level.FAIL
    assert found.advice == f"chmod 600 {secret}"


def test_plain_http_for_strangers_is_warned_of(environ, installed):
    assert level_of(changed(environ, public_url="http://market.example"), "public address") is Level.WARN
    assert level_of(changed(environ, public_url="http://localhost:8000"), "public address") is Level.OK


@pytest.mark.parametrize("url", ["https://market.example", "http://market.example", "https://localhost"])
def test_a_site_for_strangers_is_warned_when_no_proxy_stands_in_front(environ, installed, url):
    assert level_of(changed(environ, public_url=url), "proxies") is Level.WARN
    assert findings(changed(environ, public_url=url, trusted_proxies="1"), "proxies") == []


def test_a_site_for_this_machine_alone_needs_no_proxy(environ, installed):
    assert findings(changed(environ, public_url="http://127.0.0.1:8000"), "proxies") == []


def test_a_database_that_is_gone_fails_and_is_not_made(installed):
    gone = installed.var / "db" / "u2.sqlite"
    gone.unlink()
    assert level_of(installed, "databases") is Level.FAIL
    assert not gone.exists()


def test_an_index_that_is_not_there_fails_with_the_command_that_makes_it(environ, tmp_path, installed):
    other = environ | {"STEVESLIST_VAR": str(tmp_path / "other")}
    settings = prepare(other, say=lambda _line: None)
    (found,) = findings(settings, "search index")
    assert (found.level, found.advice) == (Level.FAIL, "python3 run.py search rebuild")


def test_a_mail_server_that_does_not_answer_fails(environ, installed):
    assert level_of(changed(environ, mail_url="smtp://127.0.0.1:1"), "mail") is Level.FAIL


def test_a_database_under_another_shards_name_fails(environ, installed):
    folder = installed.var / "db"
    swapped = f"u1=sqlite:///{folder}/u2.sqlite u2=sqlite:///{folder}/u1.sqlite c1=sqlite:///{folder}/c1.sqlite"
    assert [found.fact for found in findings(changed(environ, shards=swapped), "databases")][:2] == [
        "u1 says that it is u2",
        "u2 says that it is u1",
    ]


def test_events_that_nobody_relays_are_told_with_their_age(installed):
    owner = allocate_owner()
    now = clock.now()
    with clock.freeze(now - 600), transaction(owner) as session:
        record(session, NewUserSignup(user=owner))
    with clock.freeze(now):
        (found,) = findings(installed, "events")
    assert (found.level, found.fact) == (Level.WARN, "the oldest has waited 600 s")


def test_webhooks_that_nobody_sends_are_told_with_their_age(environ, installed):
    assert level_of(installed, "webhooks") is Level.OK
    now, owner = clock.now(), allocate_owner()
    webhooks.configure(installed)
    with clock.freeze(now - 600):
        webhook_factory.endpoint(owner)
        with transaction(owner) as session:
            session.execute(text("UPDATE webhook_endpoint SET due_at = :at"), {"at": now - 600})
    with clock.freeze(now):
        (found,) = findings(installed, "webhooks")
    assert (found.level, found.fact) == (Level.WARN, "the oldest is 600 s late")


def test_webhooks_to_this_machine_are_warned_of_where_strangers_come(environ, installed):
    public = changed(environ, webhook_loopback="yes", public_url="https://market.example")
    assert level_of(public, "webhooks") is Level.WARN
    assert level_of(changed(environ, webhook_loopback="yes"), "webhooks") is Level.OK


def test_dead_letters_are_counted(installed):
    owner = allocate_owner()
    with transaction(owner) as session:
        acknowledge(session, "mail_confirmation", record(session, NewUserSignup(user=owner)), dead="no such mailbox")
    (found,) = findings(installed, "dead letters")
    assert found.fact == "consumers gave up on 1"


def test_late_and_failed_schedules_are_named(installed):
    with clock.freeze(clock.now() - 3600):
        scheduling.enter("forget_events", [clock.now()])
    assert [found.fact for found in findings(installed, "schedules")] == ["late: forget_events"]


def test_a_nightly_job_that_failed_is_named_however_much_ran_since(installed):
    night = clock.now() - 43_200
    scheduling.enter("forget_events", [night])
    for attempts in range(MAX_ATTEMPTS + 1):
        scheduling.claim("forget_events", night, attempts)
    since = range(night + 60, night + 300 * 60, 60)
    scheduling.enter("expire_listings", [], skipped=since)
    assert [found.fact for found in findings(installed, "schedules")] == ["failed: forget_events"]


def test_table_statistics_in_a_database_are_warned_of_with_the_command_that_drops_them(installed):
    with on_shard("u2", write=True) as session:
        session.execute(text("ANALYZE"))
    (found,) = findings(installed, "query plans")
    assert found.level is Level.WARN
    assert "u2" in found.fact
    path = installed.var / "db" / "u2.sqlite"
    assert found.advice == f"sqlite3 {path} 'DROP TABLE sqlite_stat1'"
    with on_shard("u2", write=True) as session:
        session.execute(text("DROP TABLE sqlite_stat1"))
    assert level_of(installed, "query plans") is Level.OK


def test_a_clock_behind_the_ledger_fails(installed):
    with clock.freeze(clock.now() + 3600):
        scheduling.enter("forget_events", [clock.now()])
    assert level_of(installed, "clock") is Level.FAIL


def test_a_test_mail_arrives_or_says_why_not(environ, installed):
    (found,) = send_mail(installed, "me@example.org")
    assert found.level is Level.OK
    assert len(list((installed.var / "mail").rglob("*"))) > 1
    (found,) = send_mail(changed(environ, mail_url="smtp://127.0.0.1:1"), "me@example.org")
    assert found.level is Level.FAIL


def test_every_check_says_what_it_is_for():
    assert all(check.__doc__ for check in CHECKS)
