"""`python3 run.py doctor`: looks this installation over and says what to do about what it finds."""

import argparse
import itertools
import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jobs.doctor import Finding

HELP = "look this installation over: settings, disk, databases, Redis, index, mail"
_COLOURS = {"ok": "32", "warn": "33", "fail": "31"}


def arguments(parser: argparse.ArgumentParser) -> None:
    """Where the mail goes that it sends."""
    mail = parser.add_mutually_exclusive_group()
    mail.add_argument("--mail", metavar="ADDRESS", help="send the test mail there instead of to the first operator")
    mail.add_argument("--no-mail", action="store_true", help="send none")


def run(options: argparse.Namespace) -> int:
    """Print a line for each finding; 1 when something has failed."""
    from jobs.doctor import Level, examine, own_mail, send_mail
    from shared.config import Settings

    # A wrong setting ends here, with its own sentence.
    settings = Settings.from_environment(os.environ)
    if options.no_mail:
        mailed: Iterable[Finding] = ()
    else:
        mailed = send_mail(settings, options.mail) if options.mail else own_mail(settings)
    findings = []
    for finding in itertools.chain(examine(settings), mailed):
        print(_line(finding), flush=True)
        findings.append(finding.level)
    warnings, failures = findings.count(Level.WARN), findings.count(Level.FAIL)
    print(f"\n{failures} failed, {warnings} to look at." if failures or warnings else "\nAll is well.")
    return 1 if failures else 0


def _line(finding: "Finding") -> str:
    mark = f"{finding.level:<4}"
    if sys.stdout.isatty():
        mark = f"\033[{_COLOURS[finding.level]}m{mark}\033[0m"
    advice = f"\n{'':22}{finding.advice}" if finding.advice else ""
    return f"{mark}  {finding.subject:<14}  {finding.fact}{advice}"
