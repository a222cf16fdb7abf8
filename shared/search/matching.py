"""Which documents satisfy the clauses of a question, and how well, in whole arrays.

Ranking is BM25F (Robertson, Zaragoza 2009, eq. 3.21): one saturation over the weighted fields of a term.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shared.search.analyzer import Alternative, Clause
from shared.search.filtering import passing
from shared.search.port import SearchRequest
from shared.search.schema import BODY, TITLE
from shared.search.segments import Documents, Postings, Segment, Snapshot

K1 = 1.2
WEIGHTS = {TITLE: 5.0, BODY: 1.0}
LENGTH_SHARE = {TITLE: 0.7, BODY: 0.6}
# A listing with one more of the words comes before any that merely repeats the others.
CLAUSE_REWARD = 3.0

Scores = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Matches:
    """Documents of one segment with their scores and the number of clauses they satisfy."""

    segment: Segment
    documents: Documents
    scores: Scores
    satisfied: NDArray[Any]


class Scoring:
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

    def all_clauses(self, request: SearchRequest) -> Iterator[Matches]:
        """Documents with every clause. Without any clause: every document."""
        for at, segment in enumerate(self.snapshot.segments):
            documents, scores = segment.everything, np.zeros(segment.size, np.float32)
            for rank, clause in enumerate(sorted(self.wanted, key=lambda clause: self._most(at, clause))):
                found, gained = self._clause(at, clause)
                documents, scores = _both(documents, scores, found, gained) if rank else (found, gained)
            yield self._filtered(at, documents, scores, np.full(len(documents), len(self.wanted)), request)

    def any_clause(self, request: SearchRequest) -> Iterator[Matches]:
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
    ) -> Matches:
        segment = self.snapshot.segments[at]
        kept = passing(segment, documents, self.snapshot.alive[at], request)
        return Matches(segment, documents[kept], scores[kept], satisfied[kept])


def _both(few: Documents, gained: Scores, many: Documents, more: Scores) -> tuple[Documents, Scores]:
    """The documents in both ascending arrays, with the sum of their scores."""
    if not len(many):
        return many, more
    places = np.minimum(np.searchsorted(many, few), len(many) - 1)
    common = many[places] == few
    return few[common], gained[common] + more[places[common]]
