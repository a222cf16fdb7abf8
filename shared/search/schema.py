"""How a document lies in Whoosh: two analysed texts, a column for all that filters or sorts and one for the order of
the words, a term for each detail that is no number. Nothing is stored."""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from shared import categories
from shared.search.analyzer import GAP, Analyzer, Word
from shared.search.engine import columns, fields, formats
from shared.search.errors import InvalidDocument
from shared.search.folding import fold
from shared.search.port import MAX_NUMBER, Document

VERSION = 3
TITLE, BODY, DETAILS, SEQUENCE = "title", "body", "details", "sequence"
Learn = Callable[[list[Word], list[Word]], None]
MAX_BODY, MAX_DETAIL = 20_000, 120
# Python's struct codes. A price of -1 is one to be asked for; no place on Earth is at latitude 999.
NUMBERS = {
    "listing": "q",
    "revision": "I",
    "city": "I",
    "price": "q",
    "has_photo": "B",
    "posted_at": "I",
    "lat": "f",
    "lon": "f",
}
WORDS = ("region", "country", "category", "section", "currency", "condition")
NO_PRICE, NOWHERE, NORTHERNMOST = -1, 999.0, 90.0
_RANGES = {"q": 2**63, "I": 2**32, "B": 2**8}
# The column of each detail that is a number in some category; it holds the number plus one, and 0 where there is none.
DETAIL_NUMBERS = {
    field.key: f"detail_{field.key}"
    for category in categories.CATEGORIES
    for field in category.fields
    if field.kind in ("integer", "year", "date")
}


class Terms(fields.FieldType):  # type: ignore[misc]
    """The terms of a text, with frequencies. Positions are not kept."""

    def __init__(self) -> None:
        super().__init__(format=formats.Existence(), analyzer=None, scorable=True)

    def index(self, value: Iterable[str], **_options: Any) -> Iterator[tuple[bytes, int, float, bytes]]:
        """The (term, frequency, weight, payload) of each distinct term, as Whoosh's writer wants them."""
        for term, count in Counter(value).items():
            yield term.encode(), count, float(count), b""


class Facts(fields.FieldType):  # type: ignore[misc]
    """Terms as they are given: a document has each of them or not."""

    def __init__(self) -> None:
        super().__init__(format=formats.Existence(), analyzer=None, scorable=False)

    def index(self, value: Iterable[str], **_options: Any) -> Iterator[tuple[bytes, int, float, bytes]]:
        """The (term, frequency, weight, payload) of each term, as Whoosh's writer wants them."""
        for term in value:
            yield term.encode(), 1, 1.0, b""


def schema() -> fields.Schema:
    """A new schema object; Whoosh changes the one it is given."""
    numbers = {name: fields.COLUMN(columns.NumericColumn(code)) for name, code in NUMBERS.items()}
    details = {name: fields.COLUMN(columns.NumericColumn("I")) for name in DETAIL_NUMBERS.values()}
    words = {name: fields.COLUMN(columns.RefBytesColumn()) for name in WORDS}
    texts = {TITLE: Terms(), BODY: Terms(), DETAILS: Facts(), SEQUENCE: fields.COLUMN(columns.VarBytesColumn())}
    return fields.Schema(**texts, **numbers, **details, **words)


def detail_term(key: str, value: str | bool) -> str:
    """The term of a detail that is no number; Apple, apple and APPLE are one. No term of a text has an equals sign."""
    folded = str(int(value)) if isinstance(value, bool) else " ".join(fold(value).split())
    return f"{key}={folded[:MAX_DETAIL]}".encode("utf-8", "replace").decode()


def row(document: Document, analyzer: Analyzer, learn: Learn | None = None) -> dict[str, Any]:
    """The document as Whoosh's writer takes it; `learn` is given the words of its title and of its text.

    Raises InvalidDocument: a bad value inside Whoosh kills its writer.
    """
    values: dict[str, Any] = {name: getattr(document, name) for name in (*NUMBERS, *WORDS)}
    values["price"] = NO_PRICE if document.price is None else document.price
    values["has_photo"] = int(document.has_photo)
    values["lat"], values["lon"] = _degrees(document.lat), _degrees(document.lon)
    for name, code in NUMBERS.items():
        _check_number(document, name, code, values[name])
    for name in WORDS:
        values[name] = _word(document, name, values[name])
    values |= _details(document)
    title = analyzer.words(_text(document, TITLE))
    body = analyzer.words(_text(document, BODY)[:MAX_BODY])
    if learn is not None:
        learn(title, body)
    # The gaps keep a phrase from reaching over into the text, and into the next document.
    sequence = b"".join((*(word.packed for word in title), GAP, *(word.packed for word in body), GAP))
    return {**values, TITLE: analyzer.terms(title), BODY: analyzer.terms(body), SEQUENCE: sequence}


def _details(document: Document) -> dict[str, Any]:
    found: dict[str, Any] = {DETAILS: set()}
    for key, value in document.details.items():
        if isinstance(value, (str, bool)):
            found[DETAILS].add(detail_term(key, value))
        elif key in DETAIL_NUMBERS and type(value) is int and 0 <= value <= MAX_NUMBER:
            found[DETAIL_NUMBERS[key]] = value + 1
        else:
            raise InvalidDocument(document.listing, f"{key} is {value!r}")
    return found


def _degrees(value: float | None) -> float:
    return NOWHERE if value is None or not math.isfinite(value) else float(value)


def _check_number(document: Document, name: str, code: str, value: object) -> None:
    if code == "f":
        return
    lowest = -1 if name == "price" else 0
    if type(value) is not int or not lowest <= value < _RANGES[code]:
        raise InvalidDocument(document.listing, f"{name} is {value!r}")


def _word(document: Document, name: str, value: object) -> bytes:
    if value is not None and (not isinstance(value, str) or len(value) > 64):
        raise InvalidDocument(document.listing, f"{name} is {value!r}")
    return (value or "").encode("utf-8", "replace")


def _text(document: Document, name: str) -> str:
    value = getattr(document, name)
    if not isinstance(value, str):
        raise InvalidDocument(document.listing, f"{name} is no text")
    return value
