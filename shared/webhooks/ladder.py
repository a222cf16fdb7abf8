"""When to try again. The waits after each failure, and what a receiver may say about them."""

import random
from datetime import UTC
from email.utils import parsedate_to_datetime

from shared import clock

# 14 attempts, 337,355 seconds (93.7 hours) from the first to the last, before jitter.
WAITS = (5, 30, 120, 600, 1800, 3600, 7200, 14_400, 28_800, 43_200, 64_800, 86_400, 86_400)
_JITTER = 0.2


def wait(failures: int, retry_after: str | None = None) -> int | None:
    """Seconds until the next attempt after the `failures`-th failure; None when that was the last.

    Each wait is spread by 20 % both ways, so that what failed together does not come back together. A `Retry-After`
    header is followed as far as it asks for no less than the wait and no more than twice that.
    """
    if failures > len(WAITS):
        return None
    base = WAITS[failures - 1]
    asked = seconds_of(retry_after)
    return spread(base) if asked is None else min(max(asked, base), 2 * base)


def spread(seconds: int) -> int:
    """About so many seconds: 20 % more or less."""
    return max(1, round(seconds * random.uniform(1 - _JITTER, 1 + _JITTER)))


def seconds_of(retry_after: str | None) -> int | None:
    """What a `Retry-After` header asks for in seconds from now (RFC 9110, 10.2.3); None for what makes no sense."""
    if retry_after is None:
        return None
    text = retry_after.strip()
    if text.isascii() and text.isdecimal() and len(text) <= 9:
        return int(text)
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, OverflowError):  # a year or a zone beyond every calendar
        return None
    return max(0, int((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()) - clock.now())
