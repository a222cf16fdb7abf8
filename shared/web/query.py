"""Query parameters, read strictly. A repeated parameter counts by its first value, an unknown one is ignored."""

from collections.abc import Iterable

from flask import request
from werkzeug.exceptions import BadRequest

from shared.text import whole_number


class BadParameter(BadRequest):
    """A parameter that no link or form of ours would send; the page says which and what it may be."""

    def __init__(self, name: str, expected: str) -> None:
        super().__init__(f"The address of this page has a part “{name}” that we cannot read: it should be {expected}.")


def text(name: str, *, longest: int = 200) -> str:
    """A trimmed line of text, "" when absent."""
    value = request.args.get(name, "").strip()
    if len(value) > longest:
        raise BadParameter(name, f"at most {longest} characters long")
    return value


def whole(name: str, *, low: int = 0, high: int = 2**53 - 1) -> int | None:
    """A whole number in plain digits within low..high, None when absent or empty."""
    value = request.args.get(name, "").strip()
    if not value:
        return None
    number = whole_number(value, low, high)
    if number is None:
        raise BadParameter(name, f"a whole number from {low} to {high}")
    return number


def choice(name: str, options: Iterable[str], default: str = "") -> str:
    """One of `options`, or `default` when absent or empty."""
    value = request.args.get(name, "") or default
    if value != default and value not in (allowed := list(options)):
        raise BadParameter(name, "one of " + ", ".join(allowed))
    return value
