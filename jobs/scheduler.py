"""The clock. Run two: a lease in the directory lets one of them lead, and the ledger's primary key makes a doubled
run impossible even while both believe to. APScheduler only ticks; its memory store holds nothing worth keeping."""

import logging
import os
import socket
from collections import deque
from datetime import UTC, datetime

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger
from redis import Redis
from sqlalchemy.exc import SQLAlchemyError

from jobs import boot
from jobs.timetable import BY_NAME, TIMETABLE, CatchUp, Schedule
from shared import clock, scheduling
from shared.queues import RUN_SCHEDULED, SCHEDULED, RedisError, connect, enqueue, held
from shared.sharding import leases
from shared.steps import Step, reached

log = logging.getLogger(__name__)
LEASE, LEASE_SECONDS, RENEW_SECONDS = "scheduler", 6, 2
# A slot is queued again when nothing was heard of it for so long: a killed worker's job starts again within 30 seconds.
QUIET_SECONDS = 20
MAX_CATCH_UP = 500


def main() -> None:
    """Tick until SIGTERM."""
    settings = boot.boot()
    boot.stop_on_signals()
    leader = Leader(connect(settings.redis_url))
    ticker = BackgroundScheduler(timezone=UTC)
    for schedule in TIMETABLE:
        ticker.add_job(leader.tick, schedule.trigger, args=[schedule], coalesce=True, misfire_grace_time=None)
    ticker.start()
    while boot.wait(RENEW_SECONDS):
        leader.tend()
    ticker.shutdown(wait=False)
    leases.release(LEASE, leader.holder)


class Leader:
    """Fires due slots and looks after lost ones while it holds the lease."""

    def __init__(self, redis: "Redis[bytes]") -> None:
        self.redis = redis
        self.holder = f"{socket.gethostname()[:40]}:{os.getpid()}"
        self.leading = False

    def tend(self) -> None:
        """Renew the lease; on taking it, catch up; while holding it, dispatch what was lost."""
        try:
            led, self.leading = self.leading, leases.acquire(LEASE, self.holder, LEASE_SECONDS) is not None
            if not self.leading:
                return
            if not led:
                for schedule in TIMETABLE:
                    self.fire(schedule)
            self._dispatch_lost()
        except (SQLAlchemyError, RedisError) as error:
            self._start_over(error)

    def tick(self, schedule: Schedule) -> None:
        """The schedule's time has come: fire it while leading."""
        try:
            if self.leading:
                self.fire(schedule)
        except (SQLAlchemyError, RedisError) as error:
            self._start_over(error)

    def _start_over(self, error: Exception) -> None:
        # Who takes the lease catches up: a slot whose moment fell into an outage is not put off to the next one.
        self.leading = False
        log.warning("will try again: %s", type(error).__name__)

    def fire(self, schedule: Schedule) -> None:
        """Enter every slot that has come due since the last one entered, and queue the new ones.

        A schedule that the ledger does not know owes nothing of the time before it: that begins now.
        """
        now = clock.now()
        last = scheduling.last_slot(schedule.name, now)
        if last is None:
            scheduling.enter(schedule.name, [], skipped=[now])
            return
        due = slots_between(schedule.trigger, last, now)
        wanted = wanted_slots(schedule.catch_up, due)
        entered = scheduling.enter(schedule.name, wanted, [slot for slot in due if slot not in wanted])
        reached(Step.SCHEDULER_ENTERED)
        for slot in entered:
            self._dispatch(schedule.name, slot, 0)

    def _dispatch_lost(self) -> None:
        """Queue again what nobody was heard of, except what waits behind a long job.

        Nor what runs in a worker that lives: while the directory was gone, the run could not say so there.
        """
        lost = scheduling.dispatchable(QUIET_SECONDS)
        jobs = held(self.redis, SCHEDULED) if lost else set()
        for name, slot, attempts in lost:
            if jobs.isdisjoint((_job(name, slot, attempts), _job(name, slot, attempts - 1))):
                self._dispatch(name, slot, attempts)

    def _dispatch(self, name: str, slot: int, attempts: int) -> None:
        if name not in BY_NAME:
            scheduling.finish(name, slot, "no such schedule any more")
            return
        scheduling.touch(name, slot)
        enqueue(self.redis, SCHEDULED, RUN_SCHEDULED, (name, slot, attempts), _job(name, slot, attempts))
        reached(Step.SCHEDULER_ENQUEUED)


def _job(name: str, slot: int, attempts: int) -> str:
    # A new id each time: the old job may be stuck, and the ledger lets each attempt begin once.
    return f"{name}-{slot}-{attempts}"


def slots_between(trigger: BaseTrigger, after: int, upto: int) -> list[int]:
    """The due times (UTC seconds) in `(after, upto]`, at most MAX_CATCH_UP of them, oldest dropped first."""
    found: deque[int] = deque(maxlen=MAX_CATCH_UP)
    previous, moment = None, datetime.fromtimestamp(after + 1, UTC)
    while (following := trigger.get_next_fire_time(previous, moment)) is not None:
        slot = int(following.timestamp())
        if slot > upto:
            break
        found.append(slot)
        previous, moment = following, datetime.fromtimestamp(slot + 1, UTC)
    return list(found)


def wanted_slots(policy: CatchUp, due: list[int]) -> list[int]:
    """Which of the due slots to run: all, the latest only, or the latest only if it is fresh."""
    if policy is CatchUp.ALL or not due:
        return due
    if policy is CatchUp.SKIP and clock.now() - due[-1] > 60:
        return []
    return due[-1:]


if __name__ == "__main__":
    main()
