"""`python3 run.py events ...`: what consumers gave up on, and another try for it."""

import argparse
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from shared.events.parked import Parked

HELP = "dead letters: dead lists them, retry hands them to their consumers again"


def arguments(parser: argparse.ArgumentParser) -> None:
    """The sub-commands."""
    words = parser.add_subparsers(dest="word", required=True)
    for word, help in (("dead", "list what consumers gave up on"), ("retry", "hand it to its consumer again")):
        one = words.add_parser(word, help=help)
        one.add_argument("--consumer", help="of this consumer only")
        one.add_argument("--event", type=int, help="this event only")
        one.add_argument("--limit", type=int, default=100, help="at most so many of each shard (100)")


def run(options: argparse.Namespace) -> int:
    """Do it on the installation that the settings name."""
    from jobs import boot

    boot.boot()
    return perform(options)


def perform(options: argparse.Namespace) -> int:
    """Do it on the fleet that is open."""
    from shared import sharding
    from shared.events import parked

    letters = [
        (shard, letter)
        for shard in sharding.current().names("user")
        for letter in parked.parked(shard, options.limit)
        if options.consumer in (None, letter.consumer) and options.event in (None, letter.event)
    ]
    if options.word == "dead":
        for shard, letter in letters:
            print(_line(shard, letter))
        return 0
    again = sum(parked.retry(shard, letter) for shard, letter in letters)
    print(f"{again} will be tried again within a minute.")
    return 0


def _line(shard: str, letter: "Parked") -> str:
    moment = datetime.fromtimestamp(letter.at, UTC).strftime("%Y-%m-%d %H:%M:%SZ")
    return f"{shard}  {letter.event}  {moment}  {letter.type}  {letter.consumer}  {letter.reason}"
