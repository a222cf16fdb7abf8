"""Template filters: amounts, times and other people's plain text made safe to show."""

from datetime import UTC, datetime

from markupsafe import Markup

from shared import clock
from shared.money import format_amount

from .plain_text import one_line, paragraphs

_MINUTE, _HOUR, _DAY = 60, 3600, 86400


def money(amount: int, currency: str) -> str:
    """Minor units to words, "€ 1,200" or "€ 12.50"."""
    return format_amount(amount, currency)


def number(value: int) -> str:
    """1234567 -> "1,234,567"."""
    return f"{value:,}"


def date(seconds: int) -> Markup:
    """ "21 November 2026" in a <time>."""
    moment = datetime.fromtimestamp(seconds, UTC)
    return Markup(f'<time datetime="{moment:%Y-%m-%d}">{moment.day} {moment:%B %Y}</time>')  # noqa: S704  digits


def ago(seconds: int) -> Markup:
    """ "5 min ago", "3 days ago", then the date, in a <time> that names the day."""
    age = clock.now() - seconds
    if age >= 30 * _DAY:
        return date(seconds)
    day = datetime.fromtimestamp(seconds, UTC)
    return Markup(f'<time datetime="{day:%Y-%m-%d}">{age_in_words(age)}</time>')  # noqa: S704  digits


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


FILTERS = {"money": money, "number": number, "date": date, "ago": ago, "paragraphs": paragraphs, "one_line": one_line}
