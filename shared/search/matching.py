"""Finding and ordering: from a request and a snapshot to a page, in whole arrays.

Ranking is BM25F (Robertson, Zaragoza 2009, eq. 3.21): one saturation over the weighted fields of a term.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from shared.search.analyzer import Alternative, Clause, clauses
from shared.search.port import ENOUGH, MAX_DEPTH, Hit, Page, SearchRequest, Sort
from shared.search.schema import BODY, NO_PRICE, TITLE
from shared.search.segments import Documents, Postings, Segment, Snapshot

K1 = 1.2
WEIGHTS = {TITLE: 5.0, BODY: 1.0}
LENGTH_SHARE = {TITLE: 0.7, BODY: 0.6}
# A listing with one more of the words comes before any that merely repeats the others.
CLAUSE_REWARD = 3.0
_LARGEST = 2**62

Scores = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class _Matches:
    """Documents of one segment with their scores and the number of clauses they satisfy."""

    segment: Segment
    documents: Documents
    scores: Scores
    satisfied: NDArray[Any]


def find(snapshot: Snapshot, request: SearchRequest) -> Page:
    """Answer a request from a snapshot."""
    wanted = clauses(request.text)
    if request.text.strip() and not wanted:
        return Page([], 0, False)
    scoring = _Scoring(snapshot, wanted)
    matched: Literal["all", "any"] = "all"
    matches = list(scoring.all_clauses(request))
    total = _total(matches)
    if total < ENOUGH and len(wanted) > 1:
        some = _narrowed(list(scoring.any_clause(request)), request.sort)
        if _total(some) > total:
            matches, matched, total = some, "any", _total(some)
    start, stop = request.window
    hits = _ordered(matches, request.sort if wanted or request.sort is not Sort.RELEVANCE else Sort.NEWEST, start, stop)
    return Page(hits, total, bool(hits) and stop < min(total, MAX_DEPTH), matched=matched)


def _total(matches: list[_Matches]) -> int:
    return sum(len(each.documents) for each in matches)


def _narrowed(matches: list[_Matches], sort: Sort) -> list[_Matches]:
    """Without relevance to keep the poor matches at the end, only those with the most clauses are shown."""
    best = max((int(each.satisfied.max()) for each in matches if len(each.satisfied)), default=0)
    if sort is Sort.RELEVANCE or not best:
        return matches
    kept = [(each, each.satisfied == best) for each in matches]
    return [_Matches(e.segment, e.documents[k], e.scores[k], e.satisfied[k]) for e, k in kept]


class _Scoring:
    """The clauses of one question over one snapshot, each term weighed by how rare it is in the whole index."""

    def __init__(self, snapshot: Snapshot, wanted: list[Clause]) -> None:
        self.snapshot, self.wanted = snapshot, wanted
        self.averages = {name: snapshot.average_length(name) for name in WEIGHTS}
        terms = {term for clause in wanted for alternative in clause for term in alternative}
        self.postings: list[dict[str, Postings]] = [
            {term: segment.postings(term) for term in terms} for segment in snapshot.segments
        ]
        self.rarity = {term: self._rarity(term) for term in terms}

    def _rarity(self, term: str) -> float:
        having = sum(len(postings[term].documents) for postings in self.postings)
        return float(np.log(1.0 + (self.snapshot.size - having + 0.5) / (having + 0.5)))

    def all_clauses(self, request: SearchRequest) -> Iterator[_Matches]:
        """Documents with every clause. Without any clause: every document."""
        for at, segment in enumerate(self.snapshot.segments):
            documents, scores = segment.everything, np.zeros(segment.size, np.float32)
            for rank, clause in enumerate(sorted(self.wanted, key=lambda clause: self._most(at, clause))):
                found, gained = self._clause(at, clause)
                documents, scores = _both(documents, scores, found, gained) if rank else (found, gained)
            yield self._filtered(at, documents, scores, np.full(len(documents), len(self.wanted)), request)

    def any_clause(self, request: SearchRequest) -> Iterator[_Matches]:
        """Documents with at least one clause, with a reward for each."""
        for at, segment in enumerate(self.snapshot.segments):
            scores = np.zeros(segment.size, np.float32)
            satisfied = np.zeros(segment.size, np.uint8)
            for clause in self.wanted:
                found, gained = self._clause(at, clause)
                scores[found] += gained + CLAUSE_REWARD
                satisfied[found] += 1
            documents = np.flatnonzero(satisfied)
            yield self._filtered(at, documents, scores[documents], satisfied[documents], request)

    def _most(self, at: int, clause: Clause) -> int:
        return sum(min(len(self.postings[at][term].documents) for term in alternative) for alternative in clause)

    def _clause(self, at: int, clause: Clause) -> tuple[Documents, Scores]:
        """Documents that satisfy any alternative, each with the score of its best one."""
        found = [self._alternative(at, alternative) for alternative in clause]
        if len(found) == 1:
            return found[0]
        documents = np.unique(np.concatenate([documents for documents, _ in found]))
        scores = np.zeros(len(documents), np.float32)
        for some, gained in found:
            places = np.searchsorted(documents, some)
            scores[places] = np.maximum(scores[places], gained)
        return documents, scores

    def _alternative(self, at: int, alternative: Alternative) -> tuple[Documents, Scores]:
        documents, scores = self._term(at, alternative[0])
        for term in alternative[1:]:
            documents, scores = _both(documents, scores, *self._term(at, term))
        return documents, scores

    def _term(self, at: int, term: str) -> tuple[Documents, Scores]:
        postings = self.postings[at][term]
        segment, documents = self.snapshot.segments[at], postings.documents
        frequency = np.zeros(len(documents), np.float32)
        for name, counts in ((TITLE, postings.title), (BODY, postings.body)):
            share = LENGTH_SHARE[name]
            relative = segment.lengths(name)[documents] / np.float32(self.averages[name])
            frequency += WEIGHTS[name] * counts / (1 - share + share * relative)
        return documents, np.float32(self.rarity[term] * (K1 + 1)) * frequency / (K1 + frequency)

    def _filtered(
        self, at: int, documents: Documents, scores: Scores, satisfied: NDArray[Any], request: SearchRequest
    ) -> _Matches:
        segment = self.snapshot.segments[at]
        kept = self.snapshot.alive[at][documents]
        for passes in _conditions(segment, documents, request):
            kept &= passes
        return _Matches(segment, documents[kept], scores[kept], satisfied[kept])


def _both(few: Documents, gained: Scores, many: Documents, more: Scores) -> tuple[Documents, Scores]:
    """The documents in both ascending arrays, with the sum of their scores."""
    if not len(many):
        return many, more
    places = np.minimum(np.searchsorted(many, few), len(many) - 1)
    common = many[places] == few
    return few[common], gained[common] + more[places[common]]


def _conditions(segment: Segment, documents: Documents, request: SearchRequest) -> Iterator[NDArray[np.bool_] | bool]:
    """For each filter of the request, which of the documents pass."""
    if request.city is not None:
        yield segment.numbers("city")[documents] == _bounded(request.city)
    for name in ("country", "region", "section", "category", "condition"):
        value = getattr(request, name)
        if value is not None:
            yield _has_word(segment, documents, name, value)
    if request.has_photo:
        yield segment.numbers("has_photo")[documents] > 0
    if request.since is not None:
        yield segment.numbers("posted_at")[documents] >= _bounded(request.since)
    yield from _price_conditions(segment, documents, request)


def _price_conditions(
    segment: Segment, documents: Documents, request: SearchRequest
) -> Iterator[NDArray[np.bool_] | bool]:
    bounds = (request.price_min, request.price_max)
    if bounds == (None, None):
        return
    prices = segment.numbers("price")[documents]
    yield prices != NO_PRICE
    if request.price_min is not None:
        yield prices >= _bounded(request.price_min)
    if request.price_max is not None:
        yield prices <= _bounded(request.price_max)
    if request.currency is not None:
        yield _has_word(segment, documents, "currency", request.currency) | (prices == 0)


def _has_word(segment: Segment, documents: Documents, name: str, value: str) -> NDArray[np.bool_]:
    numbers, wanted = segment.words(name, value)
    if wanted is None:
        return np.zeros(len(documents), np.bool_)
    return np.asarray(numbers[documents] == wanted)


def _bounded(value: int) -> int:
    """Any whole number, as one that fits a column's comparison without changing its outcome."""
    return max(-_LARGEST, min(_LARGEST, value))


def _ordered(matches: list[_Matches], sort: Sort, start: int, stop: int) -> list[Hit]:
    """The hits ranked from `start` to `stop`. The same request over the same listings gives the same order."""
    if stop <= start or not _total(matches):
        return []
    rank = np.concatenate([_rank(each, sort) for each in matches])
    listing, city, posted = (
        np.concatenate([each.segment.numbers(name)[each.documents] for each in matches])
        for name in ("listing", "city", "posted_at")
    )
    best: NDArray[Any] = np.arange(len(rank))
    if len(rank) > stop:
        # Keep ties at the edge, so that the order below decides between them and not the partition.
        best = np.flatnonzero(rank >= np.partition(rank, len(rank) - stop)[len(rank) - stop])
    order = best[np.lexsort((listing[best], posted[best], rank[best]))[::-1]][start:stop]
    return [Hit(*pair) for pair in zip(listing[order].tolist(), city[order].tolist(), strict=True)]


def _rank(matches: _Matches, sort: Sort) -> NDArray[Any]:
    """A number that is higher for what comes first."""
    if sort is Sort.RELEVANCE:
        return matches.scores
    if sort is Sort.NEWEST:
        return matches.segment.numbers("posted_at")[matches.documents].astype(np.int64)
    prices = matches.segment.numbers("price")[matches.documents]
    if sort is Sort.PRICE_DESC:
        return prices
    return np.where(prices == NO_PRICE, -_LARGEST, -prices)
