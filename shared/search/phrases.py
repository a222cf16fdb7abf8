"""Whether words stand one after the other in a document, for many documents at once."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from shared.search.analyzer import packed
from shared.search.segments import Documents, Segment, Sequences

# Reading all words in a row is this much quicker than picking them, for each.
_SCAN_ADVANTAGE = 8


def standing(segment: Segment, documents: Documents, ways: Sequence[tuple[str, ...]]) -> NDArray[np.bool_]:
    """Which of the documents have the terms of one of the ways next to one another, in that order."""
    sequences = segment.sequences
    found = np.zeros(segment.size, np.bool_)
    for way in ways:
        words = [np.frombuffer(packed(term), "<u4")[0] for term in way]
        starts = _first(sequences, documents, words[0])
        # A phrase cannot reach into the next document: each ends with a gap, and a gap is no word.
        starts = starts[starts <= len(sequences.words) - len(words)]
        for distance, word in enumerate(words[1:], 1):
            starts = starts[sequences.words[starts + distance] == word]
        found[np.searchsorted(sequences.starts, starts, side="right") - 1] = True
    return found[documents]


def _first(sequences: Sequences, documents: Documents, word: np.uint32) -> NDArray[np.int64]:
    """Where the word stands, at least in those documents."""
    lengths = sequences.starts[documents + 1] - sequences.starts[documents]
    total = int(lengths.sum())
    if total * _SCAN_ADVANTAGE > len(sequences.words):
        return np.flatnonzero(sequences.words == word)
    # The places of all words of the documents: each counts on from where its document starts.
    before = np.cumsum(lengths) - lengths
    places = np.repeat(sequences.starts[documents] - before, lengths) + np.arange(total)
    return np.asarray(places[sequences.words[places] == word])
