"""What becomes of an event whose consumer fails: tried again after growing pauses, parked in the end, never lost."""

import pytest
from sqlalchemy import select, update

from jobs import consumers, relay
from shared import clock, queues
from shared.accounts.models import User
from shared.errors import MarketError
from shared.events import EventRow, inbox, parked
from shared.ids import compose
from shared.sharding import allocate_owner, read, transaction
from tests.factories.consumers import begin_and_die, failed_in_rq, mark, sign_up, subscribe, work
from tests.factories.listings import seller


class Flaky:
    """A handler that fails so often, and then does its work."""

    def __init__(self, failures: int, error: Exception | None = None) -> None:
        self.failures, self.error = failures, error or OSError("connection refused")
        self.tries = 0

    def __call__(self, recorded) -> None:
        self.tries += 1
        if self.tries <= self.failures:
            raise self.error


@pytest.fixture
def now():
    """The test's own time, which begins now."""
    with clock.freeze(clock.now()):
        yield clock.now()


def relayed(redis, owner: int) -> int:
    """Relay the owner's only event and let a worker have it; returns its id."""
    relay.relay_once(redis)
    work(redis)
    with read(owner) as session:
        return session.scalar(select(EventRow.id).where(EventRow.owner == owner))


def test_a_failure_that_may_pass_is_tried_again_after_a_pause(fleet, redis, monkeypatch, now):
    flaky = Flaky(1)
    subscribe(monkeypatch, "flaky", flaky)
    owner = sign_up()
    event = relayed(redis, owner)
    failed = mark(owner, "flaky", event)
    assert (failed.outcome, failed.attempts, failed.reason) == ("wait", 1, "OSError: connection refused")
    assert relay.relay_once(redis) is False, "its time has not come"
    with clock.freeze(failed.at):
        assert relay.relay_once(redis) is True
        work(redis)
        assert mark(owner, "flaky", event).outcome == "done"
    assert flaky.tries == 2


def test_what_failed_together_is_not_tried_again_together(fleet, redis, monkeypatch, now):
    subscribe(monkeypatch, "flaky", Flaky(99))
    owners = [sign_up() for _ in range(20)]
    monkeypatch.setattr(inbox, "BACKOFF", (1000, *inbox.BACKOFF[1:]))
    pauses = [mark(owner, "flaky", relayed(redis, owner)).at - now for owner in owners]
    assert len(set(pauses)) > 5
    assert all(800 <= pause <= 1200 for pause in pauses)


def test_pauses_grow_to_a_day_and_then_the_event_is_parked_with_its_last_reason(fleet, redis, monkeypatch, now):
    flaky = Flaky(99)
    subscribe(monkeypatch, "flaky", flaky)
    owner = sign_up()
    event = relayed(redis, owner)
    pauses = []
    while (failed := mark(owner, "flaky", event)).outcome == "wait":
        pauses.append(failed.at - now)
        with clock.freeze(failed.at):
            now = failed.at
            relay.relay_once(redis)
            work(redis)
    assert (flaky.tries, failed.outcome, failed.reason) == (inbox.MAX_ATTEMPTS, "dead", "OSError: connection refused")
    assert 0.8 * 85_000 < sum(pauses) < 1.2 * 86_000
    assert pauses[-1] > 1000 * pauses[0]


def test_an_error_that_is_permanent_is_not_tried_again(fleet, redis, monkeypatch):
    hopeless = Flaky(99, MarketError("no such mailbox"))
    subscribe(monkeypatch, "hopeless", hopeless)
    owner = sign_up()
    event = relayed(redis, owner)
    assert (hopeless.tries, mark(owner, "hopeless", event).outcome) == (1, "dead")


def test_a_try_that_is_due_outlives_the_loss_of_redis(fleet, redis, monkeypatch, now):
    flaky = Flaky(1)
    subscribe(monkeypatch, "flaky", flaky)
    owner = sign_up()
    event = relayed(redis, owner)
    with clock.freeze(mark(owner, "flaky", event).at):
        relay.relay_once(redis)
        redis.flushall()
        work(redis)
    assert flaky.tries == 1
    with clock.freeze(mark(owner, "flaky", event).at):
        relay.relay_once(redis)
        work(redis)
        assert mark(owner, "flaky", event).outcome == "done"


def test_a_try_that_waits_in_a_long_queue_is_not_queued_twice(fleet, redis, monkeypatch, now):
    subscribe(monkeypatch, "flaky", Flaky(1))
    owner = sign_up()
    event = relayed(redis, owner)
    for _ in range(3):
        with clock.freeze(mark(owner, "flaky", event).at):
            relay.relay_once(redis)
    assert redis.llen("rq:queue:events") == 1
    assert mark(owner, "flaky", event).attempts == 2, "only the try that was handed out counts"


def test_what_is_new_goes_before_tries_while_the_queue_is_long(fleet, redis, monkeypatch, now):
    flaky = Flaky(1)
    subscribe(monkeypatch, "flaky", flaky)
    owner = sign_up(allocate_owner("range:u1"))
    event = relayed(redis, owner)
    monkeypatch.setattr(relay, "_LONG_QUEUE", 1)
    for _ in range(2):
        sign_up(allocate_owner("range:u1"))
    with clock.freeze(mark(owner, "flaky", event).at):
        relay.relay_once(redis)
        assert redis.llen("rq:queue:events") == 2
        work(redis)
        relay.relay_once(redis)
        work(redis)
    assert mark(owner, "flaky", event).outcome == "done"


def test_a_job_whose_worker_died_before_it_began_is_found_by_the_sweep(fleet, redis, monkeypatch, now):
    """Its record in Redis says "queued" for ever, but it stands in no list."""
    flaky = Flaky(0)
    subscribe(monkeypatch, "flaky", flaky)
    sign_up()
    relay.relay_once(redis)
    redis.lpop("rq:queue:events")
    with clock.freeze(now + 60):
        assert relay.sweep_once(redis) == 1
        work(redis)
    assert flaky.tries == 1


def test_a_job_that_a_killed_worker_had_begun_ends_well_the_second_time(fleet, redis, monkeypatch, now):
    flaky = Flaky(0)
    subscribe(monkeypatch, "flaky", flaky)
    sign_up()
    relay.relay_once(redis)
    begin_and_die(redis)
    with clock.freeze(now + 60):
        relay.sweep_once(redis)
        work(redis)
    assert (flaky.tries, failed_in_rq(redis)) == (1, 0)


def test_an_event_that_kills_every_worker_is_parked(fleet, redis, monkeypatch, now):
    subscribe(monkeypatch, "deadly", Flaky(0))
    owner = sign_up()
    relay.relay_once(redis)
    moment = now
    for _ in range(inbox.MAX_ATTEMPTS + 2):
        redis.flushall()  # taken by a worker, which then was no more
        moment += 60
        with clock.freeze(moment):
            relay.sweep_once(redis)
            relay.relay_once(redis)
    (letter,) = [letter for shard in fleet.names("user") for letter in parked.parked(shard)]
    assert letter.reason == "nothing was heard of it again: its worker died each time"
    assert redis.llen("rq:queue:events") == 0
    assert mark(owner, "deadly", letter.event).outcome == "dead"


def test_tries_of_a_consumer_that_is_no_more_are_parked(fleet, redis, monkeypatch, now):
    subscribe(monkeypatch, "flaky", Flaky(1))
    owner = sign_up()
    event = relayed(redis, owner)
    subscribe(monkeypatch, "another", Flaky(0))
    with clock.freeze(mark(owner, "flaky", event).at):
        relay.relay_once(redis)
    assert mark(owner, "flaky", event).reason == "there is no such consumer any more"


def test_the_effect_of_a_transactional_consumer_and_its_mark_are_there_together_or_not_at_all(
    fleet, redis, monkeypatch, now
):
    owner, tries = seller("Anna"), []

    def rename(session, recorded):
        session.execute(update(User).where(User.owner == session.owner).values(name=f"Anna {len(tries)}"))
        tries.append(recorded.id)
        if len(tries) == 1:
            raise OSError("after the effect")

    subscribe(monkeypatch, "rename", rename, transactional=True)
    sign_up(owner)
    event = relayed(redis, owner)
    assert name_of(owner) == "Anna"
    with clock.freeze(mark(owner, "rename", event).at):
        relay.relay_once(redis)
        work(redis)
    assert name_of(owner) == "Anna 1"
    consumers.consume("rename", event)
    assert tries == [event, event]


def name_of(owner: int) -> str:
    with read(owner) as session:
        return session.get(User, compose(owner, 0)).name


def test_an_event_of_a_later_release_waits_for_the_update(fleet, redis, monkeypatch, now):
    owner = alter(version=99)
    subscribe(monkeypatch, "flaky", Flaky(0))
    waiting = mark(owner, "flaky", relayed(redis, owner))
    assert (waiting.outcome, waiting.reason.partition(":")[0]) == ("wait", "unreadable_event")


def test_an_event_that_nobody_can_read_is_parked(fleet, redis, monkeypatch):
    owner = alter(body={"nonsense": True})
    subscribe(monkeypatch, "flaky", Flaky(0))
    poisoned = mark(owner, "flaky", relayed(redis, owner))
    assert (poisoned.outcome, poisoned.reason.partition(":")[0]) == ("dead", "unreadable_event")


def alter(**values) -> int:
    """A sign-up whose row in the outbox says something else."""
    owner = sign_up()
    with transaction(owner) as session:
        session.execute(update(EventRow).where(EventRow.owner == owner).values(**values))
    return owner


def test_jobs_carry_nothing_but_ids(fleet, redis, monkeypatch):
    subscribe(monkeypatch, "flaky", Flaky(0))
    sign_up()
    relay.relay_once(redis)
    (job,) = queues.queue(redis, queues.EVENTS).jobs
    assert (job.func_name, job.args[0], type(job.args[1]), job.kwargs) == (queues.CONSUME, "flaky", int, {})
