"""`python3 run.py schedule ...`: the timetable, what ran, and a run by hand."""

import argparse
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from jobs.cli import _moments, _numbers

if TYPE_CHECKING:
    from shared.scheduling.models import ScheduledRun

HELP = "scheduled jobs: list, runs, run NAME"


def arguments(parser: argparse.ArgumentParser) -> None:
    """The sub-commands."""
    words = parser.add_subparsers(dest="word", required=True)
    words.add_parser(
        "list", help="every job, what missed slots of it are worth, how it ended last, when it is due next"
    )
    runs = words.add_parser(
        "runs", help="what was due: whether it ran, from when to when, and what it said; newest first"
    )
    runs.add_argument("name", nargs="?", default="", metavar="NAME", help="of this job only")
    runs.add_argument("--status", choices=("due", "done", "failed", "skipped"), default="", help="only these")
    runs.add_argument("--limit", type=_numbers.positive, default=30, help="at most so many (30)")
    words.add_parser("run", help="run a job now, in this process").add_argument("name", metavar="NAME")


def run(options: argparse.Namespace) -> int:
    """Do it on the installation that the settings name."""
    from jobs import boot

    boot.boot()
    return perform(options)


def perform(options: argparse.Namespace) -> int:
    """Do it on the fleet that is open."""
    return {"list": _list, "runs": _runs, "run": _run}[options.word](options)


def _list(_options: argparse.Namespace) -> int:
    from jobs.timetable import TIMETABLE
    from shared import clock, scheduling

    now = datetime.fromtimestamp(clock.now(), UTC)
    for schedule in TIMETABLE:
        due = schedule.trigger.get_next_fire_time(None, now)
        last = scheduling.last_ended(schedule.name)
        ended = f"{last.status} {_moments.shown(last.slot)}" if last else "never ran"
        following = _moments.shown(int(due.timestamp())) if due else "never"
        print(f"{schedule.name:<24}  next {following}  missed: {schedule.catch_up.value:<6}  last: {ended}")
    return 0


def _runs(options: argparse.Namespace) -> int:
    from shared import scheduling

    _refuse_unknown(options.name)
    for each in scheduling.runs(options.limit, options.name, options.status):
        print(_line(each))
    return 0


def _line(run: "ScheduledRun") -> str:
    """The slot, what became of it, when it began and ended, how often it was tried, what it said."""
    times = f"{_moments.shown(run.started_at)} to {_moments.shown(run.ended_at)}"
    again = f" ({run.attempts} tries)" if run.attempts > 1 else ""
    return (
        f"{_moments.shown(run.slot)}  {run.status:<7}  {run.schedule:<24}  {times}  {run.output or ''}{again}".rstrip()
    )


def _run(options: argparse.Namespace) -> int:
    from jobs import scheduled
    from shared import clock, scheduling
    from shared.errors import Conflict

    _refuse_unknown(options.name)
    slot = clock.now()
    if not scheduling.enter(options.name, [slot]):
        raise Conflict(f"{options.name} has just been started: `python3 run.py schedule runs {options.name}` tells.")
    scheduled.perform(options.name, slot)
    this = scheduling.find(options.name, slot)
    assert this is not None
    print(this.output)
    return 0 if this.status == "done" else 1


def _refuse_unknown(name: str) -> None:
    from jobs.timetable import BY_NAME
    from shared.errors import NotFound

    if name and name not in BY_NAME:
        raise NotFound(f"There is no job {name!r}; `python3 run.py schedule list` lists them.")
