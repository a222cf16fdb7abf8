"""`python3 run.py lint`: every static check."""

import argparse
import subprocess
import sys
from pathlib import Path

from shared.config import ROOT

HELP = "run every static check (style, types, layers)"
CHECKS = (
    ("style", ("ruff", "check", "--quiet", ".")),
    ("format", ("ruff", "format", "--quiet", "--check", ".")),
    ("types", ("mypy", "--no-error-summary")),
    ("layers", ("lint-imports", "--no-cache")),
)


def arguments(_parser: argparse.ArgumentParser) -> None:
    """None."""


def run(_options: argparse.Namespace) -> int:
    """Run all checks, whether or not one fails; 1 when one did."""
    failed = [name for name, command in CHECKS if not _passes(name, command)]
    print(f"failed: {', '.join(failed)}" if failed else "all checks passed", flush=True)
    return 1 if failed else 0


def _passes(name: str, command: tuple[str, ...]) -> bool:
    tool = Path(sys.executable).parent / command[0]
    done = subprocess.run([tool, *command[1:]], cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        print(f"--- {name}\n{done.stdout}{done.stderr}", flush=True)
    return done.returncode == 0
