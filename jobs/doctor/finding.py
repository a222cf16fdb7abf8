"""What a check found."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How bad it is. Only `FAIL` makes the command fail."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report: what was looked at, what is so, and what to do about it when it should not be."""

    level: Level
    subject: str
    fact: str
    advice: str = ""


def ok(subject: str, fact: str) -> Finding:
    """All is well."""
    return Finding(Level.OK, subject, fact)


def warn(subject: str, fact: str, advice: str = "") -> Finding:
    """It works, and may not for long or not for everyone."""
    return Finding(Level.WARN, subject, fact, advice)


def fail(subject: str, fact: str, advice: str = "") -> Finding:
    """The site cannot do its work like this."""
    return Finding(Level.FAIL, subject, fact, advice)
