"""`python3 run.py`: the whole site on this machine."""

import argparse
import os

HELP = "run the site and everything it needs (the same as no command)"


def arguments(_parser: argparse.ArgumentParser) -> None:
    """None: settings say everything."""


def run(_options: argparse.Namespace) -> int:
    """Set up what is missing, then supervise until Ctrl-C."""
    from jobs.setup import prepare
    from jobs.supervisor import runner
    from shared import sharding
    from shared.observability import configure_logging

    settings = prepare(os.environ, say=lambda line: print(line, flush=True))
    configure_logging(settings.log_format)
    # The children open their own connections.
    sharding.current().dispose()
    return runner.run(settings, os.environ)
