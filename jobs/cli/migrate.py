"""`python3 run.py migrate`: every database to this code's revision."""

import argparse
import os

HELP = "bring every database to this version (also done by every start)"


def arguments(_parser: argparse.ArgumentParser) -> None:
    """None."""


def run(_options: argparse.Namespace) -> int:
    """Walk the fleet; finishes a walk that stopped half way."""
    from jobs.setup import prepare
    from shared import sharding

    prepare(os.environ, say=print)
    print(f"{1 + len(sharding.current().shards)} databases are at this version.")
    return 0
