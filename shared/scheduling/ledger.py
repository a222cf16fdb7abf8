"""Entering slots, finding those to dispatch (again), and recording how each ended."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from sqlalchemy import exists, func, insert, select, update

from shared import clock
from shared.scheduling.models import ScheduledRun
from shared.sharding import directory, table_of
from shared.sharding.forgetting import AT_ONCE, forget_in_directory
from shared.steps import Step, reached

# Seconds between a run that failed and the next try; after the last one it is given up.
PAUSES = (30, 120, 480, 1920)
MAX_ATTEMPTS = len(PAUSES) + 1
_table = table_of(ScheduledRun)


class Slot(NamedTuple):
    """One due time (UTC seconds) of one schedule, and how often it was started."""

    schedule: str
    slot: int
    attempts: int


def last_slot(schedule: str, upto: int) -> int | None:
    """The newest slot up to a time (UTC seconds) that was ever entered, or None for a new schedule.

    Slots after it are those of a clock that was ahead: they must not keep a schedule from running until then.
    """
    mine = (ScheduledRun.schedule == schedule) & (ScheduledRun.slot <= upto)
    with directory(write=False) as session:
        return session.execute(select(func.max(ScheduledRun.slot)).where(mine)).scalar()


def enter(schedule: str, due: Iterable[int], skipped: Iterable[int] = ()) -> list[int]:
    """Enter slots that are not in the ledger yet; returns the newly due ones. Safe from any number of schedulers."""
    wanted = [(slot, "due") for slot in due] + [(slot, "skipped") for slot in skipped]
    with directory() as session:
        known = set(
            session.execute(
                select(ScheduledRun.slot).where(
                    ScheduledRun.schedule == schedule, ScheduledRun.slot.in_([slot for slot, _ in wanted])
                )
            ).scalars()
        )
        rows = [
            {"schedule": schedule, "slot": slot, "status": status, "touched_at": clock.now()}
            for slot, status in wanted
            if slot not in known
        ]
        if rows:
            session.execute(insert(ScheduledRun), rows)
        reached(Step.SCHEDULER_ENTERING)
    return [row["slot"] for row in rows if row["status"] == "due"]  # type: ignore[misc]


def dispatchable(quiet_for: int, limit: int = 50) -> list[Slot]:
    """Slots that are due and that nobody has touched for `quiet_for` seconds: lost in a queue or by a dead worker.

    One that failed is left alone until its pause is over, and does not hide those behind it.
    """
    now = clock.now()
    with directory(write=False) as session:
        rows = session.execute(
            select(ScheduledRun)
            .where(ScheduledRun.status == "due", ScheduledRun.touched_at <= now - quiet_for)
            .order_by(ScheduledRun.slot)
        ).scalars()
        return [Slot(row.schedule, row.slot, row.attempts) for row in rows if not _pauses(row, now)][:limit]


def touch(schedule: str, slot: int) -> None:
    """Somebody is at work on the slot (or has just queued it): leave it alone for a while."""
    with directory() as session:
        session.execute(_this(schedule, slot).values(touched_at=clock.now()))


def claim(schedule: str, slot: int, attempts: int) -> bool:
    """Start the run that follows `attempts` others, once: False when somebody has, or when the slot is finished.

    False too when its attempts are used up: it is failed then.
    """
    now = clock.now()
    given_up = attempts >= MAX_ATTEMPTS
    values = (
        {"status": "failed", "ended_at": now}
        if given_up
        else {"attempts": attempts + 1, "started_at": now, "ended_at": None, "touched_at": now}
    )
    with directory() as session:
        mine = _this(schedule, slot).where(ScheduledRun.attempts == attempts)
        changed = session.execute(mine.values(**values)).rowcount  # type: ignore[attr-defined]
    return bool(changed) and not given_up


def finish(schedule: str, slot: int, output: str, *, failed: bool = False) -> bool:
    """Record the end of a run. A failed one stays due until its attempts are used up. False when it was finished."""
    now = clock.now()
    values = {"output": output[:2000], "ended_at": now, "touched_at": now}
    if not failed:
        values["status"] = "done"
    with directory() as session:
        return bool(session.execute(_this(schedule, slot).values(**values)).rowcount)  # type: ignore[attr-defined]


def runs(limit: int = 50, schedule: str = "", status: str = "") -> Sequence[ScheduledRun]:
    """The newest slots of the ledger, of one schedule or one status only when given."""
    statement = select(ScheduledRun).order_by(ScheduledRun.slot.desc(), ScheduledRun.schedule.desc()).limit(limit)
    if schedule:
        statement = statement.where(ScheduledRun.schedule == schedule)
    if status:
        statement = statement.where(ScheduledRun.status == status)
    with directory(write=False) as session:
        return session.execute(statement).scalars().all()


def find(schedule: str, slot: int) -> ScheduledRun | None:
    """One slot of the ledger."""
    with directory(write=False) as session:
        return session.get(ScheduledRun, (schedule, slot))


def last_ended(schedule: str) -> ScheduledRun | None:
    """The newest slot of a schedule that was done or given up."""
    with directory(write=False) as session:
        ended = (ScheduledRun.schedule == schedule, ScheduledRun.status.in_(("done", "failed")))
        statement = select(ScheduledRun).where(*ended).order_by(ScheduledRun.slot.desc()).limit(1)
        return session.execute(statement).scalar_one_or_none()


def forget(before: int, limit: int = AT_ONCE) -> int:
    """Delete finished slots before this time (UTC seconds), but the newest of each schedule; returns how many.

    Run until 0.
    """
    old = (_table.c.slot < before) & (_table.c.status != "due")
    later = _table.alias("later")
    newest = ~exists().where(later.c.schedule == _table.c.schedule, later.c.slot > _table.c.slot)
    return forget_in_directory(_table, old, limit, spare=newest)


def _pauses(run: ScheduledRun, now: int) -> bool:
    """Whether a run that failed should wait longer before it is tried again."""
    if run.ended_at is None or not 0 < run.attempts < MAX_ATTEMPTS:
        return False
    return now < run.ended_at + PAUSES[run.attempts - 1]


def _this(schedule: str, slot: int):  # type: ignore[no-untyped-def]
    return update(ScheduledRun).where(
        ScheduledRun.schedule == schedule, ScheduledRun.slot == slot, ScheduledRun.status == "due"
    )
