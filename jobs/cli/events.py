"""`python3 run.py events ...`: what consumers gave up on, another try for it, and another delivery of what they had."""

import argparse
import sys
from typing import TYPE_CHECKING

from jobs.cli import _moments, _numbers

if TYPE_CHECKING:
    from shared.events.parked import Letter

HELP = "events at their consumers: dead, waiting, retry, replay; page writes docs/events.md"


def arguments(parser: argparse.ArgumentParser) -> None:
    """The sub-commands."""
    words = parser.add_subparsers(dest="word", required=True)
    for word, help in (
        ("dead", "list what consumers gave up on, newest first"),
        ("waiting", "list what failed and will be tried again by itself"),
        ("retry", "hand what consumers gave up on to them again"),
    ):
        one = words.add_parser(word, help=help)
        one.add_argument("consumer", nargs="?", default="", metavar="CONSUMER", help="of this consumer only")
        one.add_argument(
            "--since", type=_moments.since, default=0, help="events since 2026-11-20T14:30, or 6h or 2d ago"
        )
        one.add_argument("--event", type=_numbers.positive, default=0, help="this event only")
        if word != "retry":
            one.add_argument("--limit", type=_numbers.positive, default=100, help="at most so many of each shard (100)")
    replay = words.add_parser("replay", help="deliver events to a consumer again, also those that it handled well")
    replay.add_argument("consumer", metavar="CONSUMER", help="a consumer as docs/events.md names it")
    replay.add_argument("--since", type=_moments.since, required=True, help="2026-11-20T14:30, or 6h or 2d (ago)")
    replay.add_argument("--dry-run", action="store_true", help="only say how many there are")
    words.add_parser("page", help="write docs/events.md anew from the code")


def run(options: argparse.Namespace) -> int:
    """Do it on the installation that the settings name."""
    if options.word == "page":
        from jobs import event_page

        event_page.PAGE.write_text(event_page.text(), encoding="utf-8")
        return 0
    from jobs import boot

    boot.boot()
    return perform(options)


def perform(options: argparse.Namespace) -> int:
    """Do it on the fleet that is open."""
    _refuse_unknown(options.consumer)
    return {"dead": _list, "waiting": _list, "retry": _retry, "replay": _replay}[options.word](options)


def _refuse_unknown(consumer: str) -> None:
    """A typing error must not look like an empty list. Letters of a consumer that is gone are listed without a name."""
    from jobs.consumers import load
    from shared.errors import NotFound

    if consumer and consumer not in load():
        raise NotFound(f"There is no consumer {consumer!r}; docs/events.md lists them.")


def _shards() -> list[str]:
    from shared import sharding

    return list(sharding.current().names("user"))


def _list(options: argparse.Namespace) -> int:
    from shared.events import inbox, parked

    outcome = inbox.DEAD if options.word == "dead" else inbox.WAIT
    only = {"consumer": options.consumer, "event": options.event, "since": options.since, "limit": options.limit}
    found = {shard: parked.parked(shard, outcome, **only) for shard in _shards()}
    for shard, letters in found.items():
        for letter in letters:
            print(_line(shard, letter))
    if any(len(letters) == options.limit for letters in found.values()):
        print(f"There may be more: these are the newest {options.limit} of a shard (--limit).", file=sys.stderr)
    return 0


def _retry(options: argparse.Namespace) -> int:
    from shared.events import parked

    only = {"consumer": options.consumer, "event": options.event, "since": options.since}
    again = sum(parked.retry(shard, **only) for shard in _shards())
    print(f"{again} will be tried again within a minute.")
    return 0


def _replay(options: argparse.Namespace) -> int:
    from jobs.consumers import load
    from shared.events import parked

    types = [type.__name__ for type in load()[options.consumer].types]
    if options.dry_run:
        found = sum(parked.count_since(shard, types, options.since) for shard in _shards())
        print(f"{found} events since {_moments.shown(options.since)} would be delivered to {options.consumer} again.")
        return 0
    again = sum(parked.replay(shard, options.consumer, types, options.since) for shard in _shards())
    print(f"{again} events since {_moments.shown(options.since)} are on their way to {options.consumer} again.")
    return 0


def _line(shard: str, letter: "Letter") -> str:
    moment = _moments.shown(letter.at)
    words = f"{letter.type}  {letter.consumer}  {letter.reason or 'replayed'}"
    return f"{shard}  {letter.event}  {moment}  {words}"
