"""`python3 run.py schedule ...`: the timetable, what ran, and a run by hand."""

import argparse
from datetime import UTC, datetime

HELP = "scheduled jobs: list, runs, run NAME"


def arguments(parser: argparse.ArgumentParser) -> None:
    """The sub-commands."""
    words = parser.add_subparsers(dest="word", required=True)
    words.add_parser("list", help="every job and when it is due next")
    runs = words.add_parser("runs", help="what ran, newest first")
    runs.add_argument("--limit", type=int, default=30, help="at most so many (30)")
    words.add_parser("run", help="run a job now, in this process").add_argument("name")


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
    from shared import clock

    now = datetime.fromtimestamp(clock.now(), UTC)
    for schedule in TIMETABLE:
        due = schedule.trigger.get_next_fire_time(None, now)
        print(f"{schedule.name:<24}  {_moment(int(due.timestamp())) if due else 'never'}")
    return 0


def _runs(options: argparse.Namespace) -> int:
    from shared import scheduling

    for each in scheduling.runs(options.limit):
        print(f"{_moment(each.slot)}  {each.status:<7}  {each.schedule:<24}  {each.output or ''}")
    return 0


def _run(options: argparse.Namespace) -> int:
    from jobs import scheduled
    from jobs.timetable import BY_NAME
    from shared import clock, scheduling
    from shared.errors import NotFound

    if options.name not in BY_NAME:
        raise NotFound(f"There is no job {options.name!r}; `python3 run.py schedule list` lists them.")
    slot = clock.now()
    scheduling.enter(options.name, [slot])
    scheduled.perform(options.name, slot)
    this = scheduling.find(options.name, slot)
    assert this is not None
    print(this.output)
    return 0 if this.status == "done" else 1


def _moment(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%SZ")
