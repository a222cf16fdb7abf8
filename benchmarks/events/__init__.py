"""Events: from a commit to a consumer, and how many a second, beside bare RQ and a bare urllib3 loop; saved searches.

Everything is the product's own code on an installation of its own (SQLite files and the embedded Valkey), removed at
the end. Rounds of ours and of the bare way alternate.
"""

import argparse
import json
import sys
from contextlib import ExitStack

from benchmarks import report
from jobs.chaos.site import installation


def main(argv: list[str]) -> int:
    """Measure, print, write docs/performance.md; the exit status says whether every target was met."""
    options = _options(argv)
    from benchmarks import alerts  # what --help does not need
    from benchmarks.events import latency, relaying, webhooks

    with ExitStack() as stack:
        settings, environ = stack.enter_context(installation({}))
        _say("commit to consumer")
        delay = latency.measure(settings, environ, options.events)
        _say("events through the relay")
        relayed = relaying.measure(settings, environ, options.jobs, options.rounds)
        _say("webhooks")
        sent = webhooks.measure(options.webhooks, options.rounds)
    _say("matching of saved searches")
    matched = alerts.matching(options.searches)
    parts = [delay.text(), relayed.text(), sent.text(), matched.text()]
    if options.json:
        print(json.dumps({**delay.figures(), **relayed.figures(), **sent.figures(), **matched.figures()}, indent=1))
    else:
        text = "\n\n".join(parts)
        print(text)
        report.write("events", text)
    return 0 if matched.met else 1


def _options(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench events", description=__doc__)
    parser.add_argument("--events", type=int, default=300, help="publications to time, one after the other (300)")
    parser.add_argument("--jobs", type=int, default=5_000, help="events of a round through the relay (5000)")
    parser.add_argument("--webhooks", type=int, default=2_000, help="deliveries of a round (2000)")
    parser.add_argument("--searches", type=int, nargs="+", default=[1_000, 10_000, 100_000], help="saved searches")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true", help="print one JSON object and leave docs/ alone")
    return parser.parse_args(argv)


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
