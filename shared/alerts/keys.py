"""Under which keys a saved search is kept, and under which those are looked for that a listing may match.

A key is a selector and a scope. The selector is a word that a match must have: of a question's clauses the one that
the fewest listings satisfy, with a key for each of its alternatives; without words the category or its section. The
scope is the narrowest place that a match must lie in. A listing has every selector and scope that is true of it, so
whatever matches it has a key among them (the ranked key method of Yan and Garcia-Molina 1994).
"""

from collections.abc import Iterable, Iterator, Mapping
from hashlib import blake2b
from math import cos, floor, radians
from typing import NamedTuple

from shared.alerts.requests import from_text
from shared.alerts.subject import Subject, read, required
from shared.errors import Invalid
from shared.search import IndexUnavailable, Point, SearchIndex, SearchRequest
from shared.search.analyzer import MAX_TERM, Clause
from shared.search.language import Language

# A circle over more cells of a degree than this is kept under its country, or everywhere.
MAX_CELLS = 16
# Less than there are, so that a circle never reaches beyond its cells.
_KM_PER_DEGREE = 110.0
_POLAR = 85.0
_EVERYWHERE = _ANYTHING = ""


class Key(NamedTuple):
    """Where a search is kept: hashes of 63 bits."""

    selector: int
    scope: int


class Keys(NamedTuple):
    """The keys of one search, and the name of the analysis that they hold for."""

    analysis: str
    keys: tuple[Key, ...]


class KeyMaker:
    """Makes the keys of searches. `index` tells how many listings have a word; without it, long words count as rare.

    The choice among the words of a question only ever makes matching quicker or slower.
    """

    def __init__(self, language: Language, index: SearchIndex) -> None:
        self._language, self._index = language, index

    @property
    def analysis(self) -> str:
        """The name of the analysis that keys are made with now."""
        return self._language.current().name

    def keys(self, request: str) -> Keys:
        """The keys of a request as `requests.to_text` writes it. Raises Invalid for one that asks for nothing, or for
        nearly everything."""
        asked, (analyzer, name) = from_text(request), self._language.current()
        query = read(asked.text, analyzer)
        if asked.text.strip() and not query:
            raise Invalid({"": "These words say nothing that a listing could have. Search for other ones first."})
        selectors, scopes = list(self._selectors(asked, required(query))), _scopes(asked)
        if selectors == [_ANYTHING] and scopes == [_EVERYWHERE]:
            raise Invalid({"": "Nearly every new listing would be news. Add words, a place or a category first."})
        return Keys(name, tuple(Key(_hash(each), _hash(scope)) for each in selectors for scope in scopes))

    def _selectors(self, request: SearchRequest, clauses: list[Clause]) -> Iterator[str]:
        if clauses:
            rarest = self._rarest(clauses)
            yield from dict.fromkeys(_tagged("word", term) for term in rarest)
        elif request.category is not None:
            yield _tagged("category", request.category)
        else:
            yield _ANYTHING if request.section is None else _tagged("section", request.section)

    def _rarest(self, clauses: list[Clause]) -> list[str]:
        """The rarest term of each alternative of the rarest clause."""
        terms = dict.fromkeys(term for clause in clauses for each in clause for term in each.terms)
        frequency = self._frequencies(terms)
        choices = [[min(each.terms, key=frequency.__getitem__) for each in clause] for clause in clauses]
        return min(choices, key=lambda chosen: sum(frequency[term] for term in chosen))

    def _frequencies(self, terms: Iterable[str]) -> Mapping[str, int]:
        try:
            return self._index.frequencies(terms)
        except IndexUnavailable:
            return {term: 2 * MAX_TERM - len(term) for term in terms}


def of_listing(subject: Subject) -> tuple[list[int], list[int]]:
    """All selectors and all scopes that are true of a listing, as hashes."""
    document = subject.document
    selectors = [
        *(_tagged("word", term) for term in subject.terms),
        _tagged("category", document.category),
        _tagged("section", document.section),
        _ANYTHING,
    ]
    scopes = [
        _tagged("city", document.city),
        _tagged("region", document.region),
        _tagged("country", document.country),
        _EVERYWHERE,
    ]
    if document.lat is not None and document.lon is not None:
        scopes.append(_cell(floor(document.lat), floor(document.lon)))
    return list(map(_hash, selectors)), list(map(_hash, scopes))


def _scopes(request: SearchRequest) -> list[str]:
    """The narrowest places of which a match lies in one."""
    if request.city is not None:
        return [_tagged("city", request.city)]
    if request.near is not None and request.within_km is not None:
        cells = _cells(request.near, request.within_km)
        if len(cells) <= MAX_CELLS:
            return cells
    if request.region is not None:
        return [_tagged("region", request.region)]
    return [_EVERYWHERE if request.country is None else _tagged("country", request.country)]


def _cells(near: Point, km: float) -> list[str]:
    """The cells of a degree that a circle touches; more than MAX_CELLS near a pole."""
    reach = km / _KM_PER_DEGREE
    north = abs(near.lat) + reach
    # No way within the circle is longer than its radius, or leads nearer to the pole than this.
    across = 180.0 if north > _POLAR else reach / cos(radians(north))
    lats = range(floor(near.lat - reach), floor(near.lat + reach) + 1)
    lons = range(floor(near.lon - across), floor(near.lon + across) + 1)
    if len(lats) * len(lons) > MAX_CELLS:
        return [_EVERYWHERE] * (MAX_CELLS + 1)
    return [_cell(lat, lon) for lat in lats for lon in lons]


def _cell(lat: int, lon: int) -> str:
    # The meridian of 180 degrees is that of -180.
    return _tagged("cell", f"{lat} {(lon + 180) % 360 - 180}")


def _tagged(kind: str, value: object) -> str:
    """A selector or scope as text; each kind has its own."""
    return f"{kind} {value}"


def _hash(text: str) -> int:
    """63 bits, which any database takes for a positive number. What collides is told apart by the full comparison."""
    return int.from_bytes(blake2b(text.encode("utf-8", "replace"), digest_size=8).digest(), "big") >> 1
