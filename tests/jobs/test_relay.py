"""From the outbox through the queue to a consumer, whatever dies on the way."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError

from jobs import consumers, relay
from shared import clock, events, queues
from shared.errors import MarketError
from shared.events import EventRow, InboxRow, NewUserSignup, record
from shared.events.audit import audit
from shared.events.relay import forget_events, number_pending, settle, sweep
from shared.sharding import allocate_owner, concatenate, current, fan_out, read, transaction, unit_of_work
from shared.sharding.engines import Database
from tests.factories.consumers import sign_up, subscribe, work


@pytest.fixture
def seen(monkeypatch):
    """One consumer of sign-ups, and what it was handed."""
    handled: list[int] = []
    subscribe(monkeypatch, "collect", lambda recorded: handled.append(recorded.event.user))
    return handled


def inbox_rows():
    statement = select(InboxRow.consumer, InboxRow.event_id, InboxRow.outcome)
    return fan_out(statement, keyspace="user", merge=concatenate)


def test_an_event_reaches_its_consumer_once(fleet, redis, seen):
    owners = [sign_up() for _ in range(6)]
    assert relay.relay_once(redis) is True
    work(redis)
    assert sorted(seen) == sorted(owners)
    assert relay.relay_once(redis) is False
    assert relay.sweep_once(redis) == 0


def test_an_event_handed_over_twice_is_handled_once(fleet, redis, seen):
    owner = sign_up()
    (due,) = [each for shard in fleet.names("user") for each in number_pending(shard)]
    for _ in range(2):
        consumers.consume("collect", due.id)
    assert seen == [owner]
    assert len(inbox_rows()) == 1


def test_a_shard_that_is_away_holds_up_no_other(fleet, redis, seen, monkeypatch):
    here, away = sign_up(allocate_owner("range:u2")), sign_up(allocate_owner("range:u1"))
    monkeypatch.setattr(relay, "_away", {})
    with monkeypatch.context() as outage:
        outage.setitem(fleet.shards, "u1", Database("u1", "mysql+pymysql://root@127.0.0.1:1/u1"))
        assert relay.relay_once(redis) is True
        assert relay.sweep_once(redis) == 0
        assert list(relay._away) == ["u1"], "it is left alone for a moment"
    work(redis)
    assert seen == [here]
    relay._away.clear()
    relay.relay_once(redis)
    work(redis)
    assert seen == [here, away]


def test_the_sweep_finds_everything_again_when_redis_lost_it(fleet, redis, seen):
    owners = [sign_up() for _ in range(4)]
    relay.relay_once(redis)
    redis.flushall()
    with clock.freeze(clock.now() + 60):
        assert relay.sweep_once(redis) == 4
        assert relay.sweep_once(redis) == 0, "jobs that wait in the queue are left alone"
        work(redis)
        assert relay.sweep_once(redis) == 0
    assert sorted(seen) == sorted(owners)


def test_an_event_that_can_never_be_handled_is_parked_and_the_next_one_goes_on(fleet, redis, monkeypatch):
    poisoned, well = sign_up(), sign_up()
    handled = []

    def picky(recorded):
        if recorded.event.user == poisoned:
            raise MarketError("this can never work")
        handled.append(recorded.event.user)

    subscribe(monkeypatch, "picky", picky)
    relay.relay_once(redis)
    work(redis)
    assert handled == [well]
    assert sorted(row.outcome for row in inbox_rows()) == ["dead", "done"]


def test_a_late_commit_is_numbered_after_what_was_numbered_before(fleet, redis, seen):
    """The event with the lower id commits last; nothing polls by `id > last`, so it is found all the same."""
    low, high = sorted((allocate_owner("range:u1"), allocate_owner("range:u1")))
    with transaction(high) as session:
        record(session, NewUserSignup(user=high))
    assert len(number_pending("u1")) == 1
    with transaction(low) as session:
        record(session, NewUserSignup(user=low))
    assert len(number_pending("u1")) == 1
    feed = events.read_feed("u1", 0, 10)
    assert [(each.feed_seq, each.owner) for each in feed] == [(1, high), (2, low)]


def test_who_follows_the_feed_meets_every_event_once_while_others_commit_out_of_order(fleet):
    """On MariaDB transactions of several owners are open at once, and those with higher ids often commit first."""
    owners = [allocate_owner("range:u1") for _ in range(4)]
    over, met = threading.Event(), []

    def record_slowly(session):
        (event,) = events.record_many(session, [NewUserSignup(user=session.owner)])
        time.sleep(0.001 * (event % 7))
        return event

    def write(owner: int) -> list[int]:
        return [unit_of_work(owner, record_slowly) for _ in range(25)]

    def number() -> None:
        while not over.is_set():
            with suppress(OperationalError):  # the relay asks again
                number_pending("u1", limit=3)

    def follow() -> None:
        while not over.is_set():
            met.extend(events.read_feed("u1", met[-1].feed_seq if met else 0, 5))

    with ThreadPoolExecutor(6) as pool:
        writers = [pool.submit(write, owner) for owner in owners]
        others = [pool.submit(number), pool.submit(follow)]
        written = [event for each in writers for event in each.result()]
        deadline = time.monotonic() + 30
        while len(met) < len(written) and time.monotonic() < deadline:
            time.sleep(0.01)
        over.set()
        for other in others:
            other.result()
    assert [each.feed_seq for each in met] == list(range(1, 101))
    assert sorted(each.id for each in met) == sorted(written)
    for owner in owners:
        of_owner = [each.id for each in met if each.owner == owner]
        assert of_owner == sorted(of_owner)


def test_a_rolled_back_event_leaves_no_gap_in_the_owners_numbers(fleet):
    owner = allocate_owner()
    with pytest.raises(RuntimeError), transaction(owner) as session:
        record(session, NewUserSignup(user=owner))
        raise RuntimeError
    with transaction(owner) as session:
        record(session, NewUserSignup(user=owner))
    with read(owner) as session:
        assert session.scalar(select(EventRow.owner_seq).where(EventRow.owner == owner)) == 1


def test_a_settled_shard_has_nothing_to_relay_or_to_sweep(fleet, redis, seen):
    for _ in range(3):
        sign_up()
    assert sum(settle(shard) for shard in fleet.names("user")) == 3
    with clock.freeze(clock.now() + 60):
        assert relay.relay_once(redis) is False
        assert relay.sweep_once(redis) == 0


def test_events_are_forgotten_after_thirty_days_but_never_before_they_were_numbered(fleet):
    owner = allocate_owner()
    with transaction(owner) as session:
        record(session, NewUserSignup(user=owner))
        session.execute(update(EventRow).where(EventRow.owner == owner).values(at=1))
    shard = fleet.placement.lookup("user", owner).shard
    assert forget_events(shard) == 0
    number_pending(shard)
    assert forget_events(shard) == 1


def test_the_sweep_leaves_fresh_events_alone(fleet):
    owner = sign_up()
    shard = current().placement.lookup("user", owner).shard
    number_pending(shard)
    assert sweep(shard, {"NewUserSignup": ["collect"]}) == {}


def test_the_sweep_never_passes_an_event_that_is_too_young_to_look_at(fleet, redis, seen):
    """The feed is in the order of ids, so an older event may be numbered after a younger one."""
    first, second = sorted(allocate_owner("range:u1") for _ in range(2))
    now = clock.now()
    for owner, at in ((first, now), (second, now - 1)):
        with clock.freeze(at), transaction(owner) as session:
            record(session, NewUserSignup(user=owner))
    young, old = number_pending("u1")
    consumers.consume("collect", old.id)
    interested = {"NewUserSignup": ["collect"]}
    with clock.freeze(now + 14):
        assert sweep("u1", interested, older_than=15) == {}
    with clock.freeze(now + 60):
        assert sweep("u1", interested) == {"collect": [young]}


def test_an_audit_says_what_each_delivery_that_is_not_done_waits_for(fleet):
    owner = allocate_owner("range:u1")
    now = clock.now()
    with clock.freeze(now), transaction(owner) as session:
        done, dead, again, silent = events.record_many(session, [NewUserSignup(user=owner)] * 4)
    number_pending("u1")
    with clock.freeze(now + 7), transaction(owner) as session:
        events.acknowledge(session, "collect", done)
        events.acknowledge(session, "collect", dead, dead="no such mailbox")
        events.postpone(session, "collect", again, "OSError: connection refused")
        pending = record(session, NewUserSignup(user=owner))
    found = audit("u1", {"NewUserSignup": ["collect"]})
    assert (found.due, found.slowest, found.gaps) == (5, {"collect": 7}, 0)
    states = {each.event: each.state for each in found.lost}
    assert list(states) == [dead, again, silent, pending]
    assert states[dead].startswith("dead") and states[dead].endswith("no such mailbox")
    assert states[again].startswith("wait") and states[again].endswith("1 tries: OSError: connection refused")
    assert states[silent] == "in the queue, or to be found by the sweep"
    assert states[pending] == "the relay has not numbered it"


def test_every_consumer_has_a_queue_that_a_worker_serves():
    for consumer in consumers.load().values():
        assert consumer.queue in queues.QUEUES
        assert consumer.types


def test_an_event_that_stays_unfinished_does_not_hide_lost_ones_far_behind_it(fleet):
    owner = allocate_owner("range:u1")
    with transaction(owner) as session:
        found = events.record_many(session, [NewUserSignup(user=owner)] * 9)
    number_pending("u1")
    for done in (*found[1:4], *found[5:8]):
        with transaction(owner) as session:
            events.acknowledge(session, "collect", done)
    with clock.freeze(clock.now() + 60):
        lost = sweep("u1", {"NewUserSignup": ["collect"]}, limit=2)["collect"]
        assert [each.id for each in lost] == [found[0], found[4], found[8]]
        with transaction(owner) as session:
            events.acknowledge(session, "collect", found[0])
        sweep("u1", {"NewUserSignup": ["collect"]}, limit=2)
    with fleet.shards["u1"].reader.connect() as connection:
        assert connection.exec_driver_sql("SELECT swept FROM feed_position").scalar() == 4
