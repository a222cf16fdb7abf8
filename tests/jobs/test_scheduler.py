"""The ledger: no slot lost, none run twice, whatever the clocks and the queue do."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger
from sqlalchemy.exc import OperationalError

from jobs import scheduled, scheduler
from jobs.timetable import BY_NAME, TIMETABLE, CatchUp, Schedule
from shared import clock, queues, scheduling
from shared.scheduling.ledger import MAX_ATTEMPTS
from shared.sharding import leases
from tests.factories.consumers import begin_and_die, failed_in_rq, work

NOON = 1_790_000_000
MINUTELY = IntervalTrigger(seconds=60, start_date="2026-01-01", timezone="UTC")


@pytest.fixture
def ran(monkeypatch):
    runs: list[int] = []

    def job() -> str:
        runs.append(clock.now())
        return "all well"

    schedule = Schedule("probe", MINUTELY, job, CatchUp.ALL)
    put_on_timetable(monkeypatch, schedule)
    return runs, schedule


def put_on_timetable(monkeypatch, schedule: Schedule) -> None:
    """Make it the whole timetable."""
    monkeypatch.setattr(scheduled, "BY_NAME", {"probe": schedule})
    monkeypatch.setattr(scheduler, "BY_NAME", {"probe": schedule})
    monkeypatch.setattr(scheduler, "TIMETABLE", (schedule,))


def leader(redis, *, leading: bool = False) -> scheduler.Leader:
    one = scheduler.Leader(redis)
    one.leading = leading
    return one


def known_since(at: int) -> None:
    """The ledger has known the schedule since then."""
    scheduling.enter("probe", [], skipped=[at])


def due() -> list[int]:
    return sorted(run.slot for run in scheduling.runs(1000, status="due"))


def test_two_schedulers_that_both_believe_to_lead_queue_a_slot_once(fleet, redis, ran):
    _, schedule = ran
    known_since(NOON - 60)
    together = threading.Barrier(2)

    def tick(one: scheduler.Leader) -> None:
        together.wait()
        one.tick(schedule)

    with clock.freeze(NOON), ThreadPoolExecutor(2) as pool:
        list(pool.map(tick, [leader(redis, leading=True) for _ in range(2)]))
    assert len(due()) == 1
    assert redis.llen("rq:queue:scheduled") == 1


@pytest.mark.parametrize(
    ("policy", "late", "made_up_for"),
    [(CatchUp.ALL, 120, 5), (CatchUp.LATEST, 120, 1), (CatchUp.SKIP, 120, 0), (CatchUp.SKIP, 30, 1)],
)
def test_slots_missed_while_nothing_ran_are_made_up_for_by_policy(
    fleet, redis, ran, monkeypatch, policy, late, made_up_for
):
    runs, schedule = ran
    every_five_minutes = IntervalTrigger(seconds=300, start_date="2026-01-01", timezone="UTC")
    put_on_timetable(monkeypatch, Schedule("probe", every_five_minutes, schedule.job, policy))
    newest = NOON - NOON % 300
    missed = [newest - 300 * before for before in (4, 3, 2, 1, 0)]
    known_since(missed[0] - 300)
    with clock.freeze(newest + late):
        leader(redis).tend()
        assert due() == missed[5 - made_up_for :]
        work(redis, queues.SCHEDULED)
    assert len(runs) == made_up_for
    outcomes = {run.slot: run.status for run in scheduling.runs() if run.slot in missed}
    assert [outcomes[slot] for slot in missed] == ["skipped"] * (5 - made_up_for) + ["done"] * made_up_for


def test_a_new_site_owes_no_run_of_the_time_before_it(fleet, redis):
    """Nobody is mailed a report of a week in which there was no site."""
    with clock.freeze(NOON):
        leader(redis).tend()
        assert {run.status for run in scheduling.runs()} == {"skipped"}
        assert redis.llen("rq:queue:scheduled") == 0
    weekly = BY_NAME["report_usage"]
    (monday,) = scheduler.slots_between(weekly.trigger, NOON, NOON + 7 * 86_400)
    with clock.freeze(monday):
        leader(redis).fire(weekly)
    assert [run.slot for run in scheduling.runs(status="due")] == [monday]


def test_a_clock_that_was_ahead_does_not_keep_a_job_from_running(fleet, redis, ran):
    _, schedule = ran
    known_since(NOON - 60)
    with clock.freeze(NOON + 365 * 86_400):
        leader(redis).fire(schedule)
    ahead = due()
    with clock.freeze(NOON):
        leader(redis).fire(schedule)
    assert [slot - NOON for slot in due() if slot not in ahead] == [-(NOON % 60)]


def test_a_slot_whose_moment_fell_into_an_outage_is_caught_up_by_the_next_look(fleet, redis, ran, monkeypatch):
    _, schedule = ran
    one = leader(redis)
    known_since(NOON - 60)

    def down(_name: str, _upto: int) -> int:
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
    known_since(NOON - 60)
    with clock.freeze(NOON):
        leader(redis).tick(schedule)
    assert due() == []


def test_a_slot_runs_once_however_often_it_is_queued(fleet, ran):
    runs, _ = ran
    scheduling.enter("probe", [NOON])
    for attempts in (0, 0, 1):
        scheduled.perform("probe", NOON, attempts)
    assert len(runs) == 1
    (run,) = scheduling.runs()
    assert (run.status, run.output, run.attempts) == ("done", "all well", 1)


def test_a_job_that_stands_twice_in_the_queue_does_not_run_twice_at_once(fleet, ran, monkeypatch):
    _, schedule = ran
    runs = []

    def job() -> str:
        runs.append(clock.now())
        scheduled.perform("probe", NOON, 0)  # another worker takes the second one meanwhile
        raise OSError("disk on fire")

    put_on_timetable(monkeypatch, Schedule("probe", schedule.trigger, job))
    scheduling.enter("probe", [NOON])
    for _ in range(2):  # and one more comes before the pause is over
        scheduled.perform("probe", NOON, 0)
    assert len(runs) == 1
    assert scheduling.find("probe", NOON).attempts == 1


def test_a_run_whose_worker_lives_is_not_dispatched_again_when_the_ledger_could_not_be_told(
    fleet, redis, ran, monkeypatch
):
    _, schedule = ran
    waiting = []

    def long() -> str:
        with clock.freeze(NOON + 61):
            assert scheduling.dispatchable(scheduler.QUIET_SECONDS)
            leader(redis)._dispatch_lost()
        waiting.append(redis.llen("rq:queue:scheduled"))
        return "at last"

    put_on_timetable(monkeypatch, Schedule("probe", schedule.trigger, long))
    known_since(NOON - 60)
    with clock.freeze(NOON):
        leader(redis).fire(schedule)
        work(redis, queues.SCHEDULED)
    assert waiting == [0]


def test_a_slot_whose_job_was_lost_with_redis_is_run_all_the_same(fleet, redis, ran):
    runs, schedule = ran
    known_since(NOON - 60)
    one = leader(redis)
    with clock.freeze(NOON):
        one.tend()
        (slot,) = due()
    redis.flushall()
    with clock.freeze(slot + 59):
        one.tend()
        assert scheduling.dispatchable(scheduler.QUIET_SECONDS) == [], "it was just queued again"
        work(redis, queues.SCHEDULED)
    assert scheduling.find("probe", slot).status == "done"
    assert len(runs) == 1


def test_a_job_that_a_killed_worker_had_begun_ends_well_the_second_time(fleet, redis, ran):
    runs, schedule = ran
    known_since(NOON - 60)
    with clock.freeze(NOON):
        leader(redis).fire(schedule)
        begin_and_die(redis, queues.SCHEDULED)
    with clock.freeze(NOON + scheduler.QUIET_SECONDS):
        leader(redis, leading=True).tend()
        work(redis, queues.SCHEDULED)
    assert (len(runs), failed_in_rq(redis, queues.SCHEDULED)) == (1, 0)


def test_a_slot_that_waits_behind_a_long_job_is_not_queued_again(fleet, redis, ran):
    _, schedule = ran
    known_since(NOON - 60)
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
            for again in scheduling.dispatchable(20):
                tried.append(moment)
                scheduled.perform(*again)
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
    for attempts in range(MAX_ATTEMPTS + 2):
        scheduled.perform("probe", NOON, attempts)
    (run,) = scheduling.runs()
    assert (run.status, run.attempts, run.output) == ("failed", MAX_ATTEMPTS, "OSError: disk on fire")


@pytest.mark.parametrize(("policy", "wanted"), [(CatchUp.ALL, [1, 2, 3]), (CatchUp.LATEST, [3]), (CatchUp.SKIP, [])])
def test_catch_up_policies(policy, wanted):
    with clock.freeze(1000):
        assert scheduler.wanted_slots(policy, [1, 2, 3]) == wanted


def test_runs_that_pause_after_a_failure_do_not_hide_a_lost_one_behind_them(fleet, ran, monkeypatch):
    _, schedule = ran

    def fail() -> str:
        raise OSError("disk on fire")

    put_on_timetable(monkeypatch, Schedule("probe", schedule.trigger, fail))
    with clock.freeze(NOON):
        scheduling.enter("probe", range(NOON - 9, NOON + 1))
        for slot in range(NOON - 9, NOON):
            scheduled.perform("probe", slot)
    with clock.freeze(NOON + 25):
        assert scheduling.dispatchable(20, limit=5) == [("probe", NOON, 0)]


def test_a_daily_job_keeps_its_hour_over_the_change_to_summer_time():
    trigger = CronTrigger(hour=3, minute=30, timezone="Europe/Vienna")
    slots = scheduler.slots_between(trigger, 1_774_500_000, 1_774_500_000 + 5 * 86_400)
    local = [datetime.fromtimestamp(slot, UTC).astimezone(ZoneInfo("Europe/Vienna")) for slot in slots]
    assert {(moment.hour, moment.minute) for moment in local} == {(3, 30)}
    assert len(slots) == 5


@pytest.mark.parametrize("before", ["2027-03-26", "2027-10-29", "2028-02-27"])
def test_the_timetable_knows_neither_summer_time_nor_leap_days(before):
    start = int(datetime.fromisoformat(f"{before}T00:00Z").timestamp())
    for schedule in TIMETABLE:
        assert str(schedule.trigger.timezone) == "UTC"
        slots = scheduler.slots_between(schedule.trigger, start, start + 4 * 86_400)
        assert len({b - a for a, b in zip(slots, slots[1:], strict=False)}) <= 1


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
