"""The words of the listings as they are written, counted while an index is built: for spelling and for completing.

spelling.pickle      symspellpy's dictionary: words with their weights and what is left of them without a letter
completions.txt      words and pairs of words of titles in alphabetical order, each with its number of listings
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from statistics import median_low

import numpy as np
from symspellpy import SymSpell

from shared.search.analyzer import Analyzer, Word

# Part of the index's format.
VERSION = 1
SPELLING, COMPLETIONS = "spelling.pickle", "completions.txt"
# A word of a title says more of what people look for than one of a text.
TITLE_WEIGHT = 10
MAX_DISTANCE = 2
PREFIX = 5
_SHORTEST, _LONGEST = 2, 30
_MAX_PAIRS = 400_000
_MAX_COMPLETIONS = 30_000
_LAST = "\U0010ffff"


class Counting:
    """Counts the words of the documents that go into a build. Memory is bounded by the vocabulary and _MAX_PAIRS."""

    def __init__(self, analyzer: Analyzer) -> None:
        self._analyzer = analyzer
        self._listings: Counter[str] = Counter()
        self._titles: Counter[str] = Counter()
        self._pairs: Counter[tuple[str, str]] = Counter()
        self._documents = 0

    def add(self, title: Sequence[Word], body: Sequence[Word]) -> None:
        """Count a document."""
        self._documents += 1
        surfaces = [surface for word in title for surface in word.surfaces]
        self._titles.update(self._spellings(title))
        self._listings.update(self._spellings(title) | self._spellings(body))
        self._pairs.update({pair for pair in pairwise(surfaces) if self._speaks(pair)})
        if len(self._pairs) > _MAX_PAIRS:
            self._forget_rare_pairs()

    def save(self, build: Path) -> None:
        """Write the files into a build."""
        fewest = _fewest(self._documents)
        speller = SymSpell(MAX_DISTANCE, PREFIX)
        for word, count in self._words(fewest):
            speller.create_dictionary_entry(word, count + TITLE_WEIGHT * self._titles[word])
        speller.save_pickle(build / SPELLING, compressed=False)
        kept = sorted(self._completions(fewest))
        (build / COMPLETIONS).write_text("".join(f"{text}\t{count}\n" for text, count in kept))

    def _forget_rare_pairs(self) -> None:
        """Keep fewer than half: then as many must come again before the next time, and counting stays linear."""
        rare = median_low(self._pairs.values())
        self._pairs = Counter({pair: count for pair, count in self._pairs.items() if count > rare})

    def _spellings(self, words: Sequence[Word]) -> set[str]:
        return {spelling for word in words for spelling in word.spellings}.union(self._analyzer.compounds(words))

    def _words(self, fewest: int) -> Iterator[tuple[str, int]]:
        """Words of titles, and others of which some form is in enough listings."""
        forms: Counter[str] = Counter()
        for word, count in self._listings.items():
            forms[self._analyzer.stem(word)] += count
        for word, count in self._listings.items():
            if (self._titles[word] or forms[self._analyzer.stem(word)] >= fewest) and self._is_word(word):
                yield word, count

    def _completions(self, fewest: int) -> list[tuple[str, int]]:
        words = Counter({word: count for word, count in self._titles.items() if self._is_word(word)})
        pairs = Counter({" ".join(pair): count for pair, count in self._pairs.items()})
        found = [*words.most_common(_MAX_COMPLETIONS), *pairs.most_common(_MAX_COMPLETIONS)]
        return [(text, count) for text, count in found if count >= fewest]

    def _is_word(self, word: str) -> bool:
        return _SHORTEST <= len(word) <= _LONGEST and word.isalpha() and not self._says_nothing(word)

    def _says_nothing(self, word: str) -> bool:
        # Nor does one that the index takes for a stop word: the stem of "one" is "on".
        return self._analyzer.is_stop_word(word) or self._analyzer.is_stop_word(self._analyzer.stem(word))

    def _speaks(self, pair: tuple[str, str]) -> bool:
        return self._is_word(pair[0]) and (self._is_word(pair[1]) or pair[1].isdigit())


class Completions:
    """How a word may go on, the most frequent first."""

    def __init__(self, build: Path) -> None:
        lines = [line.split("\t") for line in (build / COMPLETIONS).read_text().splitlines()]
        self._texts = [text for text, _ in lines]
        self._counts = np.array([count for _, count in lines], np.int64)

    def of(self, prefix: str, limit: int) -> list[str]:
        """Words and pairs of words that begin with `prefix`, folded; the prefix itself is none."""
        start, stop = bisect_left(self._texts, prefix), bisect_left(self._texts, prefix + _LAST)
        # One more than wanted, since the prefix may be among them.
        counts = self._counts[start:stop]
        best = np.argsort(-counts, kind="stable")[: limit + 1]
        return [self._texts[start + at] for at in best if self._texts[start + at] != prefix][:limit]


def _fewest(documents: int) -> int:
    """In how many listings a word must be to be completed, or to be learnt from texts alone; a small site has few."""
    return 1 if documents < 1_000 else 2 if documents < 20_000 else 3
