"""What the operators are told without asking: how the site was used this week, and what the doctor found."""

import subprocess
import sys
from typing import Any

from jobs import mailing
from shared import analytics, clock
from shared.config import ROOT

_WEEK = 7 * 86_400
_DOCTOR_SECONDS = 300


def report_usage() -> str:
    """Mail the week's figures to the operators; they are in the ledger as well."""
    figures = analytics.usage(clock.now() - _WEEK)
    summary = ", ".join(f"{each.amount} {each.words}" for each in figures)
    return _tell_operators("operators/usage", f"{summary};", lines=figures)


def examine() -> str:
    """Have the doctor look the installation over, and mail what he says to the operators if something has failed."""
    # A process of its own: the doctor opens the databases and Redis anew, as an operator's command does.
    command = [sys.executable, "-m", "jobs.cli", "doctor", "--no-mail"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=_DOCTOR_SECONDS)
    words = (done.stdout + done.stderr).strip()
    verdict = words.rpartition("\n")[2]
    return _tell_operators("operators/doctor", verdict, words=words) if done.returncode else verdict


def _tell_operators(name: str, summary: str, **context: Any) -> str:
    """Mail each operator; one whose mailbox refuses keeps it from nobody else. Returns `summary` and what came of it.

    Raises MailError, to be tried again, when nobody could be told and that may pass.
    """
    told, failure = 0, None
    for address in mailing.settings().operators:
        try:
            told += mailing.send(address, name, key=f"{name}-{clock.now() // 86_400}-{address}", **context)
        except mailing.MailError as error:
            failure = error
    words = f"{summary} mailed to {told} of {len(mailing.settings().operators)} operators"
    if failure is None:
        return words
    words = f"{words}, {failure.message}"
    if not told and not failure.permanent:
        raise mailing.MailError(words, failure.code, permanent=False)
    return words
