"""`python3 run.py chaos events`: kills everything at random while listings are published, and says what was lost."""

import argparse
import dataclasses
import json
from typing import TYPE_CHECKING

from jobs.cli import _numbers

if TYPE_CHECKING:
    from jobs.chaos.events import Report

HELP = "kill -9 at random on a site of its own: chaos events --listings 1000 --seed 1"


def arguments(parser: argparse.ArgumentParser) -> None:
    """What to try, how much of it."""
    words = parser.add_subparsers(dest="word", required=True)
    events = words.add_parser("events", help="publish listings while relay, workers, schedulers and Redis are killed")
    events.add_argument("--listings", type=_numbers.positive, default=1000, help="how many to publish (1000)")
    events.add_argument("--seed", type=int, default=1, help="the run's chances (1)")
    events.add_argument(
        "--kills", type=_numbers.positive, default=40, help="how many blows (40: every step and then some)"
    )
    events.add_argument("--seconds", type=float, default=90, help="spread publishing and killing over so long (90)")
    events.add_argument("--patience", type=float, default=600, help="seconds to wait for quiet afterwards (600)")
    events.add_argument("--directory-url", default="", help="with --shards: empty databases to use, not SQLite files")
    events.add_argument("--shards", default="", help="`u1=URL u2=URL c1=URL`")
    events.add_argument("--json", action="store_true", help="print one JSON object")


def run(options: argparse.Namespace) -> int:
    """Run it; 1 when anything was lost or doubled."""
    from jobs.chaos import events

    databases = {"DIRECTORY_URL": options.directory_url, "SHARDS": options.shards}
    report = events.run(
        options.listings,
        options.seed,
        kills=options.kills,
        seconds=options.seconds,
        patience=options.patience,
        databases={name: value for name, value in databases.items() if value},
    )
    print(json.dumps(dataclasses.asdict(report)) if options.json else _words(report))
    return 0 if report.well else 1


def _words(report: "Report") -> str:
    amiss = "".join(f"\n  {words}" for words in report.amiss)
    kills = "".join(f"\n  {count} x {name}" for name, count in report.kills.items())
    return (
        f"{report.published} listings published, {report.deliveries} deliveries to consumers: {report.lost} lost, "
        f"{report.doubled} doubled, {report.gaps} gaps in the feeds.{amiss}\n"
        f"{report.webhooks} webhooks: {report.webhooks_lost} lost, {report.webhooks_repeated} sent more than once.\n"
        f"The slowest event took {report.slowest_seconds} s, all of it {report.seconds} s. "
        f"{sum(report.kills.values())} kills:{kills}\n"
        f"Steps that nobody reached: {', '.join(report.never_reached) or 'none'}."
    )
