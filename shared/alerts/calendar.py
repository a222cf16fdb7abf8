"""When a mail about something found is due."""

from collections.abc import Callable
from dataclasses import dataclass

_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
# So long news are gathered before they are mailed, so that an import is one mail.
GATHER_SECONDS = 3 * _MINUTE
# And so long after an instant mail its reader is left alone.
REST_SECONDS = 30 * _MINUTE
# Digests are made at this hour, UTC; weekly ones on Mondays.
DIGEST_HOUR = 6
# The epoch was a Thursday.
_FIRST_MONDAY = 4 * _DAY


@dataclass(frozen=True, slots=True)
class Frequency:
    """How often somebody wants mail. `next(now, mailed_at)` is when what was found `now` is due (UTC seconds)."""

    words: str
    next: Callable[[int, int], int]


def instant(now: int, mailed_at: int) -> int:
    """In a few minutes, but not soon after the mail before."""
    return max(now + GATHER_SECONDS, mailed_at + REST_SECONDS)


def daily(now: int, _mailed_at: int) -> int:
    """At the next hour of digests."""
    return _following(now, DIGEST_HOUR * _HOUR, _DAY)


def weekly(now: int, _mailed_at: int) -> int:
    """At that hour of the next Monday."""
    return _following(now, _FIRST_MONDAY + DIGEST_HOUR * _HOUR, 7 * _DAY)


def lower_price(now: int) -> int:
    """At the next half hour: however many prices fall and how often, its reader is left alone in between."""
    return _following(now, 0, REST_SECONDS)


def _following(now: int, first: int, period: int) -> int:
    return now + period - (now - first) % period


FREQUENCIES = {
    "instant": Frequency("At once, within some minutes", instant),
    "daily": Frequency(f"Once a day, at {DIGEST_HOUR}:00 UTC", daily),
    "weekly": Frequency(f"Once a week, on Monday at {DIGEST_HOUR}:00 UTC", weekly),
}
