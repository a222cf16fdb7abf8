"""One listing as questions see it: whether it is among the answers, told without an index.

It is compared as the row that the index would hold of it, with the same analysis and the same reading of questions, so
that an alert is about what the search page would find by all words. Words are not corrected here and none may be
missing: what the page guesses for somebody who looks at it is not guessed behind his back.
"""

from collections.abc import Iterator

from shared.places.gazetteer import kilometres
from shared.search import DetailFilter, Document, SearchRequest
from shared.search import query as queries
from shared.search.analyzer import Analyzer, Clause, packed
from shared.search.query import Pattern, Query
from shared.search.schema import BODY, DETAIL_NUMBERS, DETAILS, NORTHERNMOST, SEQUENCE, TITLE, detail_term, row

_WORDS = ("category", "region", "section", "country", "condition")
_WORD_BYTES = 4


def read(text: str, analyzer: Analyzer) -> Query:
    """What the text of a request asks for."""
    return queries.read(queries.shortened(text), analyzer)


def required(query: Query) -> list[Clause]:
    """The clauses of which a match satisfies every one."""
    return list(dict.fromkeys((*query.clauses, *(clause for phrase in query.phrases for clause in phrase.clauses))))


class Subject:
    """A listing taken apart once, to be compared with many questions. Raises InvalidDocument."""

    def __init__(self, document: Document, analyzer: Analyzer) -> None:
        self.document, self.analyzer, self._row = document, analyzer, row(document, analyzer)
        self.terms = frozenset((*self._row[TITLE], *self._row[BODY]))

    def passes(self, request: SearchRequest) -> bool:
        """Whether it passes every filter."""
        return (
            (request.city is None or request.city == self.document.city)
            and all(self._has_word(name, getattr(request, name)) for name in _WORDS)
            and self._costs(request)
            and (self.document.has_photo or not request.has_photo)
            and (request.since is None or self.document.posted_at >= request.since)
            and all(self._says(detail) for detail in request.details)
            and self._is_near(request)
        )

    def has(self, query: Query) -> bool:
        """Whether it has all that a question wants and nothing that it excludes. A question for nothing is met."""
        return (
            all(self._satisfies(each.clause) for each in query.wanted)
            and all(map(self._follows, query.phrases))
            and not any(map(self._follows, query.excluded))
        )

    def _has_word(self, name: str, wanted: str | None) -> bool:
        return wanted is None or self._row[name] == wanted.encode("utf-8", "replace")

    def _costs(self, request: SearchRequest) -> bool:
        low, high, price = request.price_min, request.price_max, self._row["price"]
        if low is None and high is None:
            return True
        within = price >= max(low or 0, 0) and (high is None or price <= high)
        return within and (price == 0 or self._has_word("currency", request.currency))

    def _says(self, wanted: DetailFilter) -> bool:
        value = wanted.value
        if isinstance(value, (str, bool)):
            return detail_term(wanted.key, value) in self._row[DETAILS]
        low, high = (wanted.minimum, wanted.maximum) if value is None else (value, value)
        if low is None and high is None:
            return True
        # As in the index: the number plus one, and 0 where there is none.
        number = self._row.get(DETAIL_NUMBERS.get(wanted.key, ""), 0)
        return number > max(low or 0, 0) and (high is None or number <= high + 1)

    def _is_near(self, request: SearchRequest) -> bool:
        if request.near is None or request.within_km is None:
            return True
        lat, lon = self._row["lat"], self._row["lon"]
        return lat <= NORTHERNMOST and kilometres(request.near.lat, request.near.lon, lat, lon) <= request.within_km

    def _satisfies(self, clause: Clause) -> bool:
        return any(self.terms.issuperset(alternative.terms) for alternative in clause)

    def _follows(self, pattern: Pattern) -> bool:
        if not all(map(self._satisfies, pattern.clauses)):
            return False
        return not pattern.sequences or any(self._stands(way) for way in pattern.sequences)

    def _stands(self, way: tuple[str, ...]) -> bool:
        return any(at % _WORD_BYTES == 0 for at in _places(self._row[SEQUENCE], b"".join(map(packed, way))))


def _places(text: bytes, part: bytes) -> Iterator[int]:
    at = text.find(part)
    while at >= 0:
        yield at
        at = text.find(part, at + 1)
