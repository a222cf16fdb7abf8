"""Checks what somebody wrote in a category's own fields and turns it into typed values."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime

from shared import clock
from shared.categories.tree import Category, Field
from shared.text import ascii_digits, clean_line, whole_number

Value = str | int | bool

_OF_LETTERS = {"text", "choice", "boolean"}
_YES, _NO = {"1", "true", "yes", "on"}, {"0", "false", "no", "off"}
_GROUPED = re.compile(r"[0-9]{1,3}([ ,.'’\u00a0\u202f])[0-9]{3}(\1[0-9]{3})*", re.ASCII)


class _Refused(Exception):
    """Carries the words for the person; never leaves this module."""


def validate(category: Category, raw: Mapping[str, str]) -> tuple[dict[str, Value], dict[str, str]]:
    """Typed values and errors by field key, for text as a form or an API call sends it.

    Empty text means "not told" and gives no value. Numbers may be grouped ("120,000"), dates are ISO 8601, booleans are
    1/true/yes/on or 0/false/no/off, choices are as written in the tree. A key that the category does not have is an
    error. Never raises for any text.
    """
    values: dict[str, Value] = {}
    errors = {key[:24]: "This category has no such detail." for key in raw if key not in _keys(category)}
    for field in category.fields:
        try:
            value = _value(field, raw.get(field.key, ""))
        except _Refused as refused:
            errors[field.key] = str(refused)
            continue
        if value is not None:
            values[field.key] = value
    return values, errors


def _keys(category: Category) -> set[str]:
    return {field.key for field in category.fields}


def _value(field: Field, raw: str) -> Value | None:
    text = clean_line(raw)
    if not text:
        if field.required:
            raise _Refused("Please choose one." if field.kind == "choice" else "Please fill this in.")
        return None
    return _READERS[field.kind](field, text if field.kind in _OF_LETTERS else ascii_digits(text))


def _text(field: Field, text: str) -> str:
    if field.maximum is not None and len(text) > field.maximum:
        raise _Refused(f"At most {field.maximum} characters.")
    return text


def _integer(field: Field, text: str) -> int:
    if field.unit and text.endswith(field.unit):
        text = text.removesuffix(field.unit).rstrip()
    if _GROUPED.fullmatch(text):
        text = re.sub(r"[^0-9]", "", text)
    number = whole_number(text)
    if number is None:
        raise _Refused("Please write a whole number in digits.")
    return _within(number, field.minimum, field.maximum, field.unit)


def _year(field: Field, text: str) -> int:
    year = whole_number(text) if len(text) == 4 else None
    if year is None:
        raise _Refused("Please write the year with four digits.")
    next_year = datetime.fromtimestamp(clock.now(), UTC).year + 1
    return _within(year, field.minimum, field.maximum or next_year, "")


def _within(number: int, minimum: int | None, maximum: int | None, unit: str) -> int:
    behind = f" {unit}" if unit else ""
    if minimum is not None and number < minimum:
        raise _Refused(f"At least {minimum}{behind}.")
    if maximum is not None and number > maximum:
        raise _Refused(f"At most {maximum}{behind}.")
    return number


def _date(_field: Field, text: str) -> str:
    try:
        # fromisoformat alone would take "20260131" and "2026-W05" too.
        if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text, re.ASCII):
            return date.fromisoformat(text).isoformat()
    except ValueError:
        pass
    raise _Refused("Please write a date such as 2026-01-31.")


def _boolean(_field: Field, text: str) -> bool:
    if text.lower() in _YES | _NO:
        return text.lower() in _YES
    raise _Refused("Please answer yes or no.")


def _choice(field: Field, text: str) -> str:
    if text in field.choices:
        return text
    raise _Refused(f"Please choose one of: {', '.join(field.choices)}.")


_READERS: dict[str, Callable[[Field, str], Value]] = {
    "text": _text,
    "integer": _integer,
    "year": _year,
    "date": _date,
    "boolean": _boolean,
    "choice": _choice,
}
