"""`python3 run.py lock`: the locked requirements, made anew from the `.in` files."""

import argparse
import subprocess
import sys
from pathlib import Path

from shared.config import ROOT

HELP = "lock requirements.in and requirements-dev.in with hashes (for maintainers)"
_COMMAND = ("pip", "compile", "--quiet", "--universal", "--generate-hashes", "--no-emit-index-url", "--no-config")


def arguments(parser: argparse.ArgumentParser) -> None:
    """`--upgrade` takes the newest versions instead of keeping what is locked."""
    parser.add_argument("--upgrade", action="store_true", help="take the newest versions that fit")


def run(options: argparse.Namespace) -> int:
    """Lock both lists for every Python from 3.11 on and every platform."""
    upgrade = ["--upgrade"] if options.upgrade else []
    for name in ("requirements", "requirements-dev"):
        files = [f"{name}.in", "--output-file", f"{name}.txt", "--no-header", "--python-version", "3.11"]
        uv = Path(sys.executable).parent / "uv"
        subprocess.run([uv, *_COMMAND, *files, *upgrade], cwd=ROOT, check=True)
    return 0
