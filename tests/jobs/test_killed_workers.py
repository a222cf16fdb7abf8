"""Real workers killed in the middle of a job: the job starts again within thirty seconds."""

import signal
import socket
import subprocess
import sys
import time
from contextlib import ExitStack

import pytest
from sqlalchemy import select

from jobs.consumers import subscriptions
from jobs.supervisor.warden import end_sessions
from jobs.timetable import TIMETABLE
from shared import clock, scheduling
from shared.config import ROOT
from shared.events import InboxRow, inbox
from shared.events.relay import number_pending
from shared.sharding import current, read
from shared.steps import Step
from tests.factories.accounts import configure, pending
from tests.factories.listings import published, seller

AGAIN_SECONDS = 30
PATIENCE_SECONDS = 60


@pytest.fixture
def processes(environment, _valkey, redis, tmp_path):
    """Starts processes of the site, each a session of its own; `site` has what they read."""
    with ExitStack() as stack:
        yield Processes(stack, {**environment, "STEVESLIST_REDIS_URL": _valkey}, tmp_path / "var")


class Processes:
    def __init__(self, stack, environment, var):
        self._stack, self.environment, self.orders = stack, environment, var / "run" / "steps"
        self.orders.mkdir(parents=True)

    def start(self, *words, **settings):
        environment = self.environment | {f"STEVESLIST_{name.upper()}": value for name, value in settings.items()}
        command = [sys.executable, "-m", *words]
        process = subprocess.Popen(command, cwd=ROOT, env=environment, start_new_session=True)
        self._stack.callback(process.wait)
        self._stack.callback(end_sessions, [process.pid])
        return process

    def order(self, step):
        (self.orders / step).touch()

    def obeyed(self, step):
        return not (self.orders / step).exists()


@pytest.fixture
def silent_server():
    """Accepts a connection and then says nothing: whoever sends a mail there waits."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(PATIENCE_SECONDS)
        yield server


def until(condition, seconds, what):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(0.1)


def outcomes(owner):
    """What each consumer made of the owner's events."""
    with read(owner) as session:
        marks = session.scalars(select(InboxRow).where(InboxRow.owner == owner))
        return {each.consumer: each.outcome for each in marks}


def only_due(name):
    """Make this job the only one of the timetable that is due; returns its slot. The others would stand before it."""
    now = clock.now()
    for schedule in TIMETABLE:
        scheduling.enter(schedule.name, [], skipped=[now + 3600])
    with clock.freeze(now - 60):
        scheduling.enter(name, [now - 60])
    return now - 60


def test_the_jobs_of_killed_workers_start_again_within_thirty_seconds(processes, silent_server):
    slot = only_due("forget_requests")
    processes.order(Step.SCHEDULED_CLAIMED)
    port = silent_server.getsockname()[1]
    scheduled = processes.start("jobs.worker", "scheduled")
    mail = processes.start("jobs.worker", "mail", mail_url=f"smtp://127.0.0.1:{port}?tls=none")
    processes.start("jobs.scheduler")
    processes.start("jobs.relay")
    configure()
    owner = pending("new@example.org")
    connection, _ = silent_server.accept()
    with connection:
        until(lambda: processes.obeyed(Step.SCHEDULED_CLAIMED), PATIENCE_SECONDS, "a scheduled job begins")
        end_sessions([mail.pid, scheduled.pid])
        killed = time.monotonic()
    processes.start("jobs.worker", "mail")
    processes.start("jobs.worker", "scheduled")

    def again():
        cut_off = scheduling.find("forget_requests", slot)
        return cut_off.attempts == 2 and outcomes(owner).get("mail_confirmation") == "done"

    until(again, AGAIN_SECONDS - (time.monotonic() - killed), "both jobs run again")


@pytest.mark.parametrize("again", [False, True], ids=["the first try", "a later try"])
def test_the_job_of_a_killed_worker_without_children_starts_again_within_thirty_seconds(processes, again):
    processes.order(Step.CONSUMER_BEGUN)
    owner = seller()
    published(owner)
    if again:
        tried_before(owner)
    processes.start("jobs.relay")
    worker = processes.start("jobs.worker", "events")
    assert worker.wait(PATIENCE_SECONDS) == -signal.SIGKILL
    killed = time.monotonic()
    processes.start("jobs.worker", "events")
    left = AGAIN_SECONDS - (time.monotonic() - killed)
    wanted = {consumer.name: "done" for consumer in subscriptions()["NewListingCreated"]}
    until(lambda: outcomes(owner) == wanted, left, "every consumer has had it")


def tried_before(owner):
    """Every consumer has failed with the owner's only event once, and may try again now."""
    shard = current().placement.lookup("user", owner).shard
    (event,) = number_pending(shard)
    for consumer in subscriptions()[event.type]:
        inbox.deliver_again(shard, consumer.name, [event.id])
