"""What listings say about a word of a question: how well those with it fit the other words."""

from collections.abc import Sequence
from copy import copy

import numpy as np

from shared.search.analyzer import Clause
from shared.search.matching import having
from shared.search.segments import Snapshot

# The exponential of more is no single-precision number.
_MOST = np.float32(80)


class Context:
    """Some words of a question over one snapshot. A listing with some of them counts for as many listings as it
    takes to find these together by chance: for each word, the size of the index divided by the number that have it.
    """

    def __init__(self, snapshot: Snapshot, clauses: Sequence[Clause]) -> None:
        self._snapshot = snapshot
        # Logarithms, so that words multiply.
        self._fits = [np.zeros(segment.size, np.float32) for segment in snapshot.segments]
        for clause in clauses:
            self._add(clause, 1)

    def without(self, clause: Clause) -> "Context":
        """The words without one of them."""
        others = copy(self)
        others._fits = [fits.copy() for fits in self._fits]
        others._add(clause, -1)
        return others

    def weight(self, clauses: Sequence[Clause]) -> float:
        """How many listings satisfy all of some other clauses, each counted for what it has of these."""
        weight = 0.0
        for segment, alive, fits in zip(self._snapshot.segments, self._snapshot.alive, self._fits, strict=True):
            documents = having(segment, clauses)
            worth = np.minimum(fits[documents[alive[documents]]], _MOST)
            weight += float(np.exp(worth).sum(dtype=np.float64))
        return weight

    def _add(self, clause: Clause, times: int) -> None:
        found = [having(segment, [clause]) for segment in self._snapshot.segments]
        worth = np.log((self._snapshot.size + 1) / (sum(map(len, found)) + 1))
        for fits, documents in zip(self._fits, found, strict=True):
            fits[documents] += np.float32(times * worth)
