"""Template filters: amounts, times and other people's plain text made safe to show."""

from datetime import UTC, datetime
from functools import lru_cache

from markupsafe import Markup

from shared import clock
from shared.money import format_amount

from .plain_text import one_line, paragraphs

_MINUTE, _HOUR, _DAY = 60, 3600, 86400


def money(amount: int, currency: str) -> str:
    """An amount in minor units with its currency, as people read it."""
    return format_amount(amount, currency)


def number(value: int) -> str:
    """A count in groups of three, "1,234,567"."""
    return f"{value:,}"


def date(seconds: int) -> Markup:
    """The day as "21 November 2026", in a <time>."""
    return _day(seconds // _DAY, "")


def moment(seconds: int) -> Markup:
    """The second as "21 November 2026, 17:30:05 UTC", in a <time>."""
    at = datetime.fromtimestamp(seconds, UTC)
    return Markup(f'<time datetime="{at:%Y-%m-%dT%H:%M:%SZ}">{at.day} {at:%B %Y, %H:%M:%S} UTC</time>')


def ago(seconds: int) -> Markup:
    """How long ago, "5 min ago" or "3 days ago", after a month the date, in a <time> that names the day."""
    age = clock.now() - seconds
    return _day(seconds // _DAY, age_in_words(age) if age < 30 * _DAY else "")


@lru_cache(maxsize=4096)
def _day(day: int, words: str) -> Markup:
    moment = datetime.fromtimestamp(day * _DAY, UTC)
    shown = words or f"{moment.day} {moment:%B %Y}"
    return Markup(f'<time datetime="{moment:%Y-%m-%d}">{shown}</time>')


def age_in_words(seconds: int) -> str:
    """How long ago, in its largest unit; what lies in the future counts as now."""
    if seconds < _MINUTE:
        return "just now"
    if seconds < _HOUR:
        return f"{seconds // _MINUTE} min ago"
    if seconds < _DAY:
        return f"{seconds // _HOUR} h ago"
    days = seconds // _DAY
    return "yesterday" if days == 1 else f"{days} days ago"


FILTERS = {
    "money": money,
    "number": number,
    "date": date,
    "moment": moment,
    "ago": ago,
    "paragraphs": paragraphs,
    "one_line": one_line,
}
