"""Which documents satisfy the clauses of a question, and how well, in whole arrays.

Ranking is BM25F (Robertson, Zaragoza 2009, eq. 3.21): one saturation over the weighted fields of a term.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shared.search.analyzer import Alternative, Clause
from shared.search.filtering import conditions, passing
from shared.search.phrases import standing
from shared.search.port import SearchRequest
from shared.search.query import Pattern, Query
from shared.search.schema import BODY, TITLE
from shared.search.segments import NO_POSTINGS, Documents, Postings, Segment, Snapshot

K1 = 1.2
WEIGHTS = {TITLE: 5.0, BODY: 1.0}
LENGTH_SHARE = {TITLE: 0.7, BODY: 0.6}
# A listing with one more of the words comes before any that merely repeats the others.
CLAUSE_REWARD = 3.0
_A_FEW = 64

Scores = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Matches:
    """Documents of one segment with their scores and the number of clauses they satisfy."""

    segment: Segment
    documents: Documents
    scores: Scores
    satisfied: NDArray[Any]


class Scoring:
    """The clauses of one question over one snapshot, each term weighed by how rare it is in the whole index.

    Filters come before scores, which cost more: a question with many filters is not dearer than one without.
    """

    def __init__(self, snapshot: Snapshot, query: Query, request: SearchRequest) -> None:
        self.snapshot, self.query, self.wanted = snapshot, query, query.clauses
        self.conditions = [list(conditions(segment, request)) for segment in snapshot.segments]
        self.averages = {name: snapshot.average_length(name) for name in WEIGHTS}
        terms = {term for clause in self.wanted for alternative in clause for term in alternative.terms}
        self.postings: list[dict[str, Postings]] = [
            {term: segment.postings(term) for term in terms} for segment in snapshot.segments
        ]
        self.rarity = {term: self._rarity(term) for term in terms}
        self._satisfying: dict[tuple[int, Clause], tuple[Documents, Scores]] = {}

    def _rarity(self, term: str) -> float:
        having = sum(len(postings[term].documents) for postings in self.postings)
        return float(np.log(1.0 + (self.snapshot.size - having + 0.5) / (having + 0.5)))

    def all_clauses(self) -> Iterator[Matches]:
        """Documents with every clause. Without any clause: every document."""
        for at, segment in enumerate(self.snapshot.segments):
            documents = segment.everything if self.wanted else passing(segment.everything, self.conditions[at])
            scores = np.zeros(len(documents), np.float32)
            for rank, clause in enumerate(sorted(self.wanted, key=lambda clause: self._most(at, clause))):
                found, gained = self._clause(at, clause)
                documents, scores = _both(documents, scores, found, gained) if rank else (found, gained)
            yield self._left(at, documents, scores, np.full(len(documents), len(self.wanted)))

    def any_clause(self) -> Iterator[Matches]:
        """Documents with at least one clause, with a reward for each."""
        for at, segment in enumerate(self.snapshot.segments):
            scores = np.zeros(segment.size, np.float32)
            satisfied = np.zeros(segment.size, np.uint8)
            for clause in self.wanted:
                found, gained = self._clause(at, clause)
                scores[found] += gained + np.float32(CLAUSE_REWARD * clause[0].weight)
                satisfied[found] += 1
            documents = np.flatnonzero(satisfied)
            yield self._left(at, documents, scores[documents], satisfied[documents])

    def _most(self, at: int, clause: Clause) -> int:
        return sum(min(len(self.postings[at][term].documents) for term in each.terms) for each in clause)

    def _clause(self, at: int, clause: Clause) -> tuple[Documents, Scores]:
        key = (at, clause)
        if key not in self._satisfying:
            self._satisfying[key] = self._scored(at, clause)
        return self._satisfying[key]

    def _scored(self, at: int, clause: Clause) -> tuple[Documents, Scores]:
        """Documents that satisfy any alternative, each with the score of its best one.

        A synonym counts as no rarer than the word itself, or a listing with an odd one would come first.
        """
        own = self._weight(clause[0])
        found = []
        for each in clause:
            documents, scores = self._alternative(at, each)
            scale = 1.0 if each.weight == 1 else each.weight * min(1.0, own / self._weight(each))
            found.append((documents, scores * np.float32(scale)))
        if len(found) == 1:
            return found[0]
        documents = np.unique(np.concatenate([documents for documents, _ in found]))
        scores = np.zeros(len(documents), np.float32)
        for some, gained in found:
            places = np.searchsorted(documents, some)
            scores[places] = np.maximum(scores[places], gained)
        return documents, scores

    def _alternative(self, at: int, alternative: Alternative) -> tuple[Documents, Scores]:
        documents, scores = self._term(at, alternative.terms[0])
        for term in alternative.terms[1:]:
            documents, scores = _both(documents, scores, *self._term(at, term))
        return documents, scores

    def _weight(self, alternative: Alternative) -> float:
        return sum(self.rarity[term] for term in alternative.terms)

    def _term(self, at: int, term: str) -> tuple[Documents, Scores]:
        segment, postings = self.snapshot.segments[at], self.postings[at][term]
        if self.conditions[at]:
            postings = _only(postings, passing(postings.documents, self.conditions[at]))
        documents = postings.documents
        frequency = np.zeros(len(documents), np.float32)
        for name, counts in ((TITLE, postings.title), (BODY, postings.body)):
            share = LENGTH_SHARE[name]
            relative = segment.lengths(name)[documents] / np.float32(self.averages[name])
            frequency += np.float32(WEIGHTS[name]) * counts / (1 - share + share * relative)
        return documents, np.float32(self.rarity[term] * (K1 + 1)) * frequency / (K1 + frequency)

    def _left(self, at: int, documents: Documents, scores: Scores, satisfied: NDArray[Any]) -> Matches:
        """Those that still exist, with every phrase and nothing that is not wanted."""
        segment = self.snapshot.segments[at]
        kept = np.flatnonzero(self.snapshot.alive[at][documents])
        for phrase in self.query.phrases:
            kept = kept[_follows(segment, documents[kept], phrase)]
        for pattern in self.query.excluded:
            kept = kept[~_follows(segment, documents[kept], pattern)]
        return Matches(segment, documents[kept], scores[kept], satisfied[kept])


def having(segment: Segment, clauses: Iterable[Clause]) -> Documents:
    """The documents that satisfy all of some clauses, deleted ones too. Without any clause: none."""
    found: Documents | None = None
    for clause in clauses:
        some = [_having_terms(segment, alternative.terms) for alternative in clause]
        either = some[0] if len(some) == 1 else np.unique(np.concatenate(some))
        found = either if found is None else _common(found, either)
    return NO_POSTINGS.documents if found is None else found


def is_anywhere(snapshot: Snapshot, clause: Clause) -> bool:
    """Whether any listing satisfies a clause."""
    for segment, alive in zip(snapshot.segments, snapshot.alive, strict=True):
        for alternative in clause:
            documents = _having_terms(segment, alternative.terms)
            # Most often one of the first is still there.
            if alive[documents[:_A_FEW]].any() or alive[documents[_A_FEW:]].any():
                return True
    return False


def count_having(snapshot: Snapshot, clauses: Sequence[Clause]) -> int:
    """How many listings satisfy all of some clauses."""
    pairs = zip(snapshot.segments, snapshot.alive, strict=True)
    return sum(int(alive[having(segment, clauses)].sum()) for segment, alive in pairs)


def frequency(snapshot: Snapshot, term: str) -> int:
    """How many documents have a term, deleted ones too."""
    return sum(len(segment.postings(term).documents) for segment in snapshot.segments)


def _having_terms(segment: Segment, terms: Sequence[str]) -> Documents:
    return reduce(_common, (segment.postings(term).documents for term in terms))


def _follows(segment: Segment, documents: Documents, pattern: Pattern) -> NDArray[np.bool_]:
    """Which of the documents have what the pattern asks for."""
    places = np.flatnonzero(np.isin(documents, having(segment, pattern.clauses), assume_unique=True))
    if pattern.sequences and len(places):
        places = places[standing(segment, documents[places], pattern.sequences)]
    mask = np.zeros(len(documents), np.bool_)
    mask[places] = True
    return mask


def _only(postings: Postings, documents: Documents) -> Postings:
    """The postings of some of their documents."""
    places = np.searchsorted(postings.documents, documents)
    return Postings(documents, postings.title[places], postings.body[places])


def _common(one: Documents, other: Documents) -> Documents:
    """The documents in both ascending arrays."""
    few, many = (one, other) if len(one) <= len(other) else (other, one)
    if not len(few):
        return few
    return np.asarray(few[many[np.minimum(np.searchsorted(many, few), len(many) - 1)] == few])


def _both(few: Documents, gained: Scores, many: Documents, more: Scores) -> tuple[Documents, Scores]:
    """The documents in both ascending arrays, with the sum of their scores."""
    if not len(many):
        return many, more
    places = np.minimum(np.searchsorted(many, few), len(many) - 1)
    common = many[places] == few
    return few[common], gained[common] + more[places[common]]
