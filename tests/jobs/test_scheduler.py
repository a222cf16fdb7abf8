"""The ledger: no slot lost, none run twice, whatever the clocks and the queue do."""

import time
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger
from sqlalchemy.exc import OperationalError

from jobs import scheduled, scheduler
from jobs.timetable import TIMETABLE, CatchUp, Schedule
from shared import clock, scheduling
from shared.scheduling.ledger import MAX_ATTEMPTS
from shared.sharding import leases

NOON = 1_790_000_000
MINUTELY = IntervalTrigger(seconds=60, start_date="2026-01-01", timezone="UTC")


@pytest.fixture
def ran(monkeypatch):
    runs: list[int] = []

    def job() -> str:
        runs.append(clock.now())
        return "all well"

    schedule = Schedule("probe", MINUTELY, job, CatchUp.ALL)
    monkeypatch.setattr(scheduled, "BY_NAME", {"probe": schedule})
    monkeypatch.setattr(scheduler, "BY_NAME", {"probe": schedule})
    monkeypatch.setattr(scheduler, "TIMETABLE", (schedule,))
    return runs, schedule


def leader(redis) -> scheduler.Leader:
    return scheduler.Leader(redis)


def test_two_schedulers_that_both_believe_to_lead_enter_a_slot_once(fleet, redis, ran):
    _, schedule = ran
    with clock.freeze(NOON):
        for _ in range(2):
            leader(redis).fire(schedule)
        assert len(scheduling.runs()) == 1


def test_missed_slots_are_all_caught_up_when_the_policy_says_so(fleet, redis, ran):
    _, schedule = ran
    with clock.freeze(NOON):
        leader(redis).fire(schedule)
    with clock.freeze(NOON + 300):
        leader(redis).fire(schedule)
        slots = sorted(run.slot for run in scheduling.runs())
    assert len(slots) == 6
    assert [b - a for a, b in zip(slots, slots[1:], strict=False)] == [60] * 5


def test_a_slot_whose_moment_fell_into_an_outage_is_caught_up_by_the_next_look(fleet, redis, ran, monkeypatch):
    _, schedule = ran
    one = leader(redis)

    def down(_name: str) -> int:
        raise OperationalError("SELECT", {}, Exception("gone away"))

    with clock.freeze(NOON):
        one.tend()
        entered = len(scheduling.runs())
    with clock.freeze(NOON + 60):
        with monkeypatch.context() as outage:
            outage.setattr(scheduling, "last_slot", down)
            one.tick(schedule)
        assert len(scheduling.runs()) == entered
        one.tend()
        assert len(scheduling.runs()) == entered + 1


def test_a_scheduler_that_does_not_lead_lets_the_moment_pass(fleet, redis, ran):
    _, schedule = ran
    with clock.freeze(NOON):
        leader(redis).tick(schedule)
        assert scheduling.runs() == []


def test_a_slot_runs_once_however_often_it_is_queued(fleet, ran):
    runs, _ = ran
    scheduling.enter("probe", [NOON])
    for _ in range(3):
        scheduled.perform("probe", NOON)
    assert len(runs) == 1
    (run,) = scheduling.runs()
    assert (run.status, run.output, run.attempts) == ("done", "all well", 1)


def test_a_slot_that_was_lost_in_the_queue_is_dispatched_again(fleet, redis, ran):
    with clock.freeze(NOON):
        scheduling.enter("probe", [NOON])
        assert scheduling.dispatchable(60) == []
    with clock.freeze(NOON + 61):
        leader(redis).tend()
        assert scheduling.dispatchable(60) == [], "it was just queued again"
        assert redis.llen("rq:queue:scheduled") >= 1


def test_a_slot_that_waits_behind_a_long_job_is_not_queued_again(fleet, redis, ran):
    _, schedule = ran
    with clock.freeze(NOON):
        leader(redis).fire(schedule)
    for minutes in (1, 2, 3):
        with clock.freeze(NOON + 60 * minutes - 1):
            leader(redis)._dispatch_lost()
    assert redis.llen("rq:queue:scheduled") == 1


def test_a_run_that_failed_is_tried_again_after_pauses_that_grow(fleet, ran, monkeypatch):
    _, schedule = ran

    def fail() -> str:
        raise OSError("disk on fire")

    monkeypatch.setattr(scheduled, "BY_NAME", {"probe": Schedule("probe", schedule.trigger, fail)})
    moment, tried = NOON, []
    with clock.freeze(NOON):
        scheduling.enter("probe", [NOON])
    while len(tried) < MAX_ATTEMPTS:
        moment += 5
        with clock.freeze(moment):
            if scheduling.dispatchable(20):
                tried.append(moment)
                scheduled.perform("probe", NOON)
    assert [b - a for a, b in zip(tried, tried[1:], strict=False)] == [30, 120, 480, 1920]


def test_a_long_job_is_not_dispatched_again_while_it_runs(fleet, ran, monkeypatch):
    _, schedule = ran
    started = clock.now()
    seen = []

    def long() -> str:
        deadline = time.monotonic() + 10
        with clock.freeze(started + 61):
            while (lost := scheduling.dispatchable(60)) and time.monotonic() < deadline:
                time.sleep(0.01)
        seen.append(lost)
        return "at last"

    monkeypatch.setattr(scheduled, "HEARTBEAT_SECONDS", 0.01)
    monkeypatch.setattr(scheduled, "BY_NAME", {"probe": Schedule("probe", schedule.trigger, long)})
    scheduling.enter("probe", [NOON])
    scheduled.perform("probe", NOON)
    assert seen == [[]]


def test_old_slots_are_forgotten_but_those_that_still_say_something(fleet, ran):
    scheduling.enter("weekly", [NOON - 90])
    scheduling.enter("probe", [NOON - 60, NOON - 30, NOON])
    for name, slot in (("weekly", NOON - 90), ("probe", NOON - 60), ("probe", NOON)):
        scheduling.finish(name, slot, "done")
    assert scheduling.forget(NOON) == 1
    assert [(run.schedule, run.slot - NOON, run.status) for run in scheduling.runs()] == [
        ("probe", 0, "done"),
        ("probe", -30, "due"),
        ("weekly", -90, "done"),
    ]


def test_a_failing_job_is_recorded_tried_again_and_given_up(fleet, ran, monkeypatch):
    _, schedule = ran

    def fail() -> str:
        raise OSError("disk on fire")

    monkeypatch.setattr(scheduled, "BY_NAME", {"probe": Schedule("probe", schedule.trigger, fail)})
    scheduling.enter("probe", [NOON])
    for _ in range(MAX_ATTEMPTS + 2):
        scheduled.perform("probe", NOON)
    (run,) = scheduling.runs()
    assert (run.status, run.attempts, run.output) == ("failed", MAX_ATTEMPTS, "OSError: disk on fire")


@pytest.mark.parametrize(("policy", "wanted"), [(CatchUp.ALL, [1, 2, 3]), (CatchUp.LATEST, [3]), (CatchUp.SKIP, [])])
def test_catch_up_policies(policy, wanted):
    with clock.freeze(1000):
        assert scheduler.wanted_slots(policy, [1, 2, 3]) == wanted


def test_a_new_schedule_is_due_once_not_for_all_the_past():
    assert len(list(scheduler.slots_between(MINUTELY, None, NOON))) == 1


def test_a_daily_job_keeps_its_hour_over_the_change_to_summer_time():
    trigger = CronTrigger(hour=3, minute=30, timezone="Europe/Vienna")
    slots = list(scheduler.slots_between(trigger, 1_774_500_000, 1_774_500_000 + 5 * 86_400))
    local = [datetime.fromtimestamp(slot, UTC).astimezone(ZoneInfo("Europe/Vienna")) for slot in slots]
    assert {(moment.hour, moment.minute) for moment in local} == {(3, 30)}
    assert len(slots) == 5


def test_the_lease_has_one_holder_and_its_fence_grows(fleet):
    with clock.freeze(NOON):
        assert leases.acquire("x", "a", 6) == 1
        assert leases.acquire("x", "b", 6) is None
        assert leases.acquire("x", "a", 6) == 1
    with clock.freeze(NOON + 7):
        assert leases.acquire("x", "b", 6) == 2
        assert leases.acquire("x", "a", 6) is None
        leases.release("x", "b")
        assert leases.acquire("x", "a", 6) == 3


def test_every_schedule_has_a_name_of_its_own_and_a_job():
    assert len({schedule.name for schedule in TIMETABLE}) == len(TIMETABLE)
    assert all(callable(schedule.job) for schedule in TIMETABLE)
