"""The sender as the process that it is, against a real receiver: delivered, killed, kept apart, and told by mail."""

import signal
import subprocess
import sys
from contextlib import contextmanager

import pytest
from sqlalchemy import text
from standardwebhooks import Webhook

from jobs import housekeeping
from jobs.webhooks import Dispatcher
from shared import accounts, clock, webhooks
from shared.config import ROOT
from shared.gateways.webhooks import Sender
from shared.ids import owner_of
from shared.sharding import read, transaction
from shared.steps import Step
from shared.webhooks import Answer, Attempt
from shared.webhooks.sending import LEASE_SECONDS
from tests.factories import webhooks as factory
from tests.factories.accounts import confirmed
from tests.factories.listings import published, seller
from tests.factories.mails import run_consumers
from tests.factories.settings import settings
from tests.factories.webhooks import resolves_to, until

pytestmark = pytest.mark.usefixtures("loopback")

PATIENCE_SECONDS = factory.PATIENCE_SECONDS
NOW = 1_800_000_000


@contextmanager
def sender(environment):
    """The process, which may reach this machine, with a Redis that does not exist."""
    nowhere = {"STEVESLIST_REDIS_URL": "redis://127.0.0.1:1/0", "STEVESLIST_WEBHOOK_LOOPBACK": "yes"}
    process = subprocess.Popen([sys.executable, "-m", "jobs.webhooks"], cwd=ROOT, env={**environment, **nowhere})
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def test_what_happens_reaches_the_receiver_signed_and_a_signal_ends_the_sender_well(environment, peer):
    """Without any Redis: SQL alone says what is to be sent."""
    owner = seller()
    with sender(environment) as process:
        # The secrets of the process's own key, not of the tests'.
        webhooks.configure(settings(ROOT, secret_key=b"s" * 40, webhook_loopback=True))
        endpoint, secret = factory.endpoint_and_secret(owner, peer.url())
        factory.told(owner, listings=3)
        until(lambda: factory.states(endpoint) == ["delivered"] * 3)
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_SECONDS) == 0
    got = peer.requests()
    assert len({each["headers"]["webhook-id"] for each in got}) == len(got) == 3
    for each in got:
        assert Webhook(secret).verify(each["body"], each["headers"])["type"] == "listing.created"


@pytest.mark.parametrize("step", [Step.WEBHOOK_CLAIMED, Step.WEBHOOK_SENT, Step.WEBHOOK_RECORDED])
def test_a_sender_killed_at_any_step_leaves_nothing_undelivered(environment, fleet, peer, tmp_path, step):
    owner = seller()
    endpoint = factory.endpoint(owner, peer.url(), at_once=1)
    factory.told(owner, listings=2)
    orders = tmp_path / "var" / "run" / "steps"
    orders.mkdir(parents=True)
    (orders / step).touch()
    with sender(environment) as process:
        assert process.wait(PATIENCE_SECONDS) == -signal.SIGKILL
    pass_time(fleet, LEASE_SECONDS)
    with sender(environment):
        until(lambda: factory.states(endpoint) == ["delivered"] * 2)
    got = [each["headers"]["webhook-id"] for each in peer.requests()]
    assert set(got) == {each.message_id for each in factory.deliveries(endpoint)}
    assert len(got) == (3 if step is Step.WEBHOOK_SENT else 2), "twice only what was sent and not recorded"


def pass_time(fleet, seconds: int) -> None:
    """Let every lease be so much older."""
    for name in fleet.names("user"):
        with fleet.shards[name].writer.begin() as connection:
            for table in ("webhook_delivery", "webhook_endpoint"):
                connection.execute(text(f"UPDATE {table} SET due_at = due_at - {seconds}"))


def test_a_prompt_receiver_does_not_wait_for_many_that_hang(fleet, peer, monkeypatch):
    """More hang than the prompt lane has places, and none of them has been given up when the prompt one is done."""
    monkeypatch.setattr("jobs.webhooks.PROMPT_ROOM", 16)
    hanging = []
    for _ in range(6):
        owner = seller()
        hanging.append(factory.endpoint(owner, peer.url("/hang")))
        factory.told(owner, listings=4)
    dispatcher = Dispatcher(Sender("https://market.example", loopback=True, deadline=15).send)
    dispatcher.step()
    owner = seller()
    prompt = factory.endpoint(owner, peer.url())
    factory.told(owner, listings=4)
    until(lambda: factory.states(prompt) == ["delivered"] * 4, lambda: dispatcher.step() or dispatcher.wait(0.05))
    still = [state for each in hanging for state in factory.states(each)]
    assert still.count("sending") >= 16
    assert set(still) <= {"sending", "waiting"}


def test_slow_ones_are_sent_to_too_though_in_their_own_lane(fleet, peer):
    owner = seller()
    endpoint = factory.endpoint(owner, peer.url("/slow"))
    factory.told(owner, listings=2)
    attempts = factory.take(endpoint)
    factory.turn(endpoint, [(each, Answer(2_500, status=200)) for each in attempts])
    factory.told(owner, listings=3)
    dispatcher = Dispatcher(Sender("https://market.example", loopback=True).send)
    until(lambda: factory.states(endpoint) == ["delivered"] * 5, lambda: dispatcher.step() or dispatcher.wait(0.05))


# What a receiver does, how its delivery then stands, its first attempt's status and fault, and how its endpoint does.
TREATMENTS = [
    ("/ok", "delivered", 200, None, "active"),
    ("/huge", "delivered", 200, None, "active"),
    ("/hang", "waiting", None, "timeout", "active"),
    ("/drip-head", "waiting", None, "timeout", "active"),
    ("/drip-body", "waiting", 200, "timeout", "active"),
    ("/continue", "waiting", None, "broken", "active"),
    ("/reset", "waiting", None, "broken", "active"),
    ("/nonsense", "waiting", None, "broken", "active"),
    ("/redirect", "waiting", 302, None, "active"),
    ("/status/500", "waiting", 500, None, "active"),
    ("/busy", "waiting", 429, None, "active"),
    ("/abort", "aborted", 400, None, "active"),
    ("/status/410", "missed", 410, None, "disabled"),
    ("/disable", "delivered", 200, None, "disabled"),
]


@pytest.mark.parametrize(("path", "state", "status", "fault", "health"), TREATMENTS)
def test_whatever_a_receiver_does_gets_the_documented_treatment(fleet, peer, path, state, status, fault, health):
    owner = seller()
    endpoint = factory.endpoint(owner, peer.url(path))
    factory.told(owner)
    assert attempted(endpoint) == (state, status, fault, health)
    assert "/elsewhere" not in peer.paths()


@pytest.mark.parametrize(
    ("addresses", "fault"),
    [
        (["169.254.169.254"], "denied"),
        (["127.0.0.1", "10.0.0.1"], "denied"),
        (["::ffff:127.0.0.1"], "denied"),
        (["64:ff9b::7f00:1"], "denied"),
        (["2002:7f00:1::"], "denied"),
        (["127.0.0.1"], None),
    ],
)
def test_a_name_that_leads_inside_is_a_failure_like_others_and_nothing_is_connected_to(
    fleet, peer, monkeypatch, addresses, fault
):
    owner = seller()
    endpoint = factory.endpoint(owner, peer.url(host="inside.example"))
    factory.told(owner)
    resolves_to(monkeypatch, addresses, ["169.254.169.254"])
    state, _, found, health = attempted(endpoint)
    assert (state, found, health) == ("delivered" if fault is None else "waiting", fault, "active")
    assert len(peer.requests()) == (1 if fault is None else 0)


def attempted(endpoint: int) -> tuple[str, int | None, str | None, str]:
    """Let the sender work until one attempt is in the log: how delivery, attempt and endpoint then stand."""
    dispatcher = Dispatcher(Sender("https://market.example", loopback=True, deadline=1.5).send)
    (delivery,) = factory.deliveries(endpoint)

    def log() -> list[webhooks.PastAttempt]:
        with read(owner_of(endpoint)) as session:
            return webhooks.attempts(session, delivery.id)

    until(lambda: bool(log()), lambda: dispatcher.step() or dispatcher.wait(0.05))
    first = log()[-1]
    (delivery,) = factory.deliveries(endpoint)
    return delivery.state, first.status, first.fault, factory.shown(endpoint).state


def test_an_error_nobody_foresaw_is_an_attempt_like_others_and_stops_nothing(fleet):
    def broken(attempt: Attempt) -> Answer:
        raise RuntimeError("nobody foresaw this")

    owner = seller()
    endpoint = factory.endpoint(owner)
    factory.told(owner)
    dispatcher = Dispatcher(broken)
    until(lambda: factory.shown(endpoint).failures == 1, lambda: dispatcher.step() or dispatcher.wait(0.05))
    (delivery,) = factory.deliveries(endpoint)
    with read(owner) as session:
        (attempt,) = webhooks.attempts(session, delivery.id)
    assert (attempt.fault, attempt.detail) == ("broken", "We could not send this (RuntimeError).")


def test_an_endpoint_whose_turn_fails_does_not_keep_others_from_theirs(fleet, peer):
    owner, other = seller(), seller()
    endpoint, well = factory.endpoint(owner, peer.url()), factory.endpoint(other, peer.url())
    factory.told(owner)
    factory.told(other)
    with transaction(owner) as session:
        session.execute(text("UPDATE webhook_endpoint SET secrets = '[{}]' WHERE id = :id"), {"id": endpoint})
    dispatcher = Dispatcher(Sender("https://market.example", loopback=True).send)
    until(lambda: factory.states(well) == ["delivered"], lambda: dispatcher.step() or dispatcher.wait(0.05))
    assert factory.states(endpoint) == ["waiting"]


def test_the_consumer_makes_deliveries_of_everything_that_is_one(fleet):
    owner = seller()
    endpoint = factory.endpoint(owner)
    published(owner)
    assert "make_deliveries" in run_consumers()
    assert factory.states(endpoint) == ["waiting"]


@pytest.fixture
def failing(maildir):
    """An endpoint of somebody with a mailbox, for whom a webhook waits."""
    owner = confirmed("ada@example.org")
    endpoint = factory.endpoint(owner, "https://seller.example/hooks?key=1", description="The shop")
    with clock.freeze(NOW):
        factory.told(owner)
    return endpoint


def subjects(maildir) -> list[str]:
    """The subjects of the mails that were sent since, the oldest first."""
    run_consumers()
    return [mail.subject for mail in reversed(maildir.messages())]


def test_the_seller_is_mailed_at_each_stage_and_never_twice(maildir, failing):
    with clock.freeze(NOW):
        factory.fail_until(failing, "disabled")
    run_consumers()
    mails = [maildir.message(each.key) for each in reversed(maildir.messages())]
    mails = [mail for mail in mails if "Webhooks" in mail.subject]
    assert sorted(mail.subject for mail in mails) == [
        "Webhooks do not arrive at https://seller.example/hooks?key=1",
        "Webhooks do not arrive at https://seller.example/hooks?key=1",
        "Webhooks do not arrive at https://seller.example/hooks?key=1",
        "Webhooks to https://seller.example/hooks?key=1 are switched off",
    ]
    words = "\n".join(mail.text for mail in mails)
    for said in ("attempts to send webhooks", "For a day no webhook", "For three days no webhook", "for five days"):
        assert said in words
    assert all("The shop" in mail.text and "/account/webhooks/" in mail.text for mail in mails)


def test_an_endpoint_that_goes_up_and_down_all_day_does_not_fill_a_mailbox(maildir, failing):
    now = NOW
    for _ in range(20):
        with clock.freeze(now):
            factory.told(owner_of(failing))
            factory.fail_until(failing, "degraded")
        now = factory.next_due(failing) or 0
        with clock.freeze(now):
            assert factory.answer_all(failing, factory.OK)
            told = [subject for subject in subjects(maildir) if "Webhooks" in subject]
    assert len(told) == 12


def test_the_seller_is_mailed_when_it_recovers(maildir, failing):
    with clock.freeze(NOW):
        factory.fail_until(failing, "degraded")
    with clock.freeze(factory.next_due(failing) or 0):
        factory.answer_all(failing, factory.OK)
    assert "Webhooks arrive at https://seller.example/hooks?key=1 again" in subjects(maildir)


def test_an_endpoint_that_answers_410_is_told_as_such(maildir, failing):
    with clock.freeze(NOW):
        factory.answer_all(failing, Answer(5, status=410))
    run_consumers()
    (mail,) = [maildir.message(each.key) for each in maildir.messages() if "switched off" in each.subject]
    assert "410 Gone" in mail.text and "410 Gone" in (mail.html or "")


def test_an_endpoint_that_was_removed_meanwhile_is_not_told_of(maildir, failing):
    with clock.freeze(NOW):
        factory.fail_until(failing, "degraded")
    with transaction(owner_of(failing)) as session:
        webhooks.remove(session, failing)
    assert not [subject for subject in subjects(maildir) if "Webhooks" in subject]


def test_a_closed_account_is_sent_nothing_more(maildir, failing):
    owner = owner_of(failing)
    with transaction(owner) as session:
        accounts.close_account(session)
    run_consumers()
    with read(owner) as session:
        assert webhooks.endpoints(session) == []


def test_the_night_forgets_what_is_past_its_time_and_says_how_much(fleet):
    owner = seller()
    endpoint = factory.endpoint(owner)
    with clock.freeze(NOW):
        factory.told(owner)
        factory.answer_all(endpoint, factory.OK)
    with clock.freeze(NOW + 31 * 86_400):
        assert housekeeping.forget_webhooks() == "1 webhooks, 1 deliveries and 1 attempts forgotten"
