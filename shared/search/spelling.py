"""Spelling from the site's own vocabulary: words that no listing has, put right.

Candidates come from SymSpell (Garbe 2012). They are scored by how frequent and how near they are, then whole questions
by whether their words form compounds, and the best of those by how many listings have all of their words.
"""

import math
from collections.abc import Callable, Container, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise, product
from pathlib import Path
from typing import NamedTuple

from symspellpy import SymSpell, Verbosity
from symspellpy.editdistance import DistanceAlgorithm, EditDistance

from shared.search.analyzer import SEPARATORS, WORD, Analyzer, Clause
from shared.search.folding import fold
from shared.search.query import Kind, parts
from shared.search.vocabulary import MAX_DISTANCE, PREFIX, SPELLING

# Words of up to this many letters are corrected by one letter only.
SHORT = 4
SHORTEST = 3
DISTANCE_COST = 5.0
FIRST_LETTER, LAST_LETTER = 1.0, 0.5
COMPOUND_REWARD = 8.0
HITS_WEIGHT = 1.5
MAX_CANDIDATES = 8
MAX_COMBINATIONS = 24
MAX_COUNTED = 6
# A word this many times rarer than one a letter away may be a slip of a seller's pen.
RARE = 40
RARE_SHORTEST = 5
_CACHED = 4_096


class Candidate(NamedTuple):
    """What may have been meant by a word, perhaps two words; the higher the score, the likelier."""

    text: str
    score: float


class Slip(NamedTuple):
    """A word that no listing has, as typed, where it stands in the question, and what may have been meant."""

    typed: str
    start: int
    stop: int
    candidates: tuple[Candidate, ...]


class Reading(NamedTuple):
    """One way to read the whole question; `hits` is None where it was not worth counting."""

    text: str
    score: float
    hits: int | None = None


@dataclass(frozen=True, slots=True)
class Correction:
    """What was found wrong in a question, and its readings, the best first."""

    slips: tuple[Slip, ...]
    readings: tuple[Reading, ...]

    @property
    def best(self) -> str | None:
        """The likeliest reading, if there is any."""
        return self.readings[0].text if self.readings else None


class Vocabulary:
    """The words of a build with their weights. One for all threads."""

    def __init__(self, build: Path, stem: Callable[[str], str]) -> None:
        self._stem = stem
        self._symspell = SymSpell(MAX_DISTANCE, PREFIX)
        # The compiled one: quicker, and without state, so that threads may share it.
        self._symspell.distance_comparer = EditDistance(DistanceAlgorithm.DAMERAU_OSA_FAST)
        self._symspell.load_pickle(build / SPELLING, compressed=False)
        self.candidates = lru_cache(_CACHED)(self._candidates)
        self.likelier = lru_cache(_CACHED)(self._likelier)

    def _candidates(self, word: str) -> tuple[Candidate, ...]:
        """The likeliest words near a folded word, the best first; without the word itself."""
        reach = 1 if len(word) <= SHORT else MAX_DISTANCE
        found = [
            Candidate(near.term, self._score(word, near.term, near.distance))
            for near in self._symspell.lookup(word, Verbosity.ALL, reach)
            if near.distance
        ]
        return tuple(sorted([*found, *self._splits(word)], key=lambda each: (-each.score, each.text))[:MAX_CANDIDATES])

    def _likelier(self, word: str) -> str | None:
        """The much more frequent word that a folded one is probably a slip of, though some listing has it."""
        if len(word) < RARE_SHORTEST:
            return None
        stem = self._stem(word)
        near = self._symspell.lookup(word, Verbosity.ALL, 1)
        own = max((each.count for each in near if self._stem(each.term) == stem), default=1)
        others = (each for each in near if self._stem(each.term) != stem and each.term[0] == word[0])
        best = max(others, key=lambda each: each.count, default=None)
        return best.term if best and best.count >= RARE * own else None

    def _score(self, word: str, near: str, distance: int) -> float:
        cost = distance - 0.5 * _is_swapped(word, near)
        ends = FIRST_LETTER * (word[0] == near[0]) + LAST_LETTER * (word[-1] == near[-1])
        return math.log(self._symspell.words[near]) - DISTANCE_COST * cost + ends

    def _splits(self, word: str) -> Iterator[Candidate]:
        """Two words that were written as one. Neither is likelier than the rarer of them."""
        weights = self._symspell.words
        for at in range(2, len(word) - 1):
            left, right = word[:at], word[at:]
            if left in weights and right in weights:
                rarer = math.log(min(weights[left], weights[right]))
                yield Candidate(f"{left} {right}", rarer - DISTANCE_COST + FIRST_LETTER + LAST_LETTER)


class Speller:
    """Corrects questions. `vocabulary` is called when there is something to correct; `has` tells whether any listing
    satisfies a clause, `count` how many satisfy all of some.
    """

    def __init__(
        self,
        vocabulary: Callable[[], Vocabulary],
        analyzer: Analyzer,
        has: Callable[[Clause], bool],
        count: Callable[[Sequence[Clause]], int],
    ) -> None:
        self._vocabulary, self._analyzer = vocabulary, analyzer
        self._has, self._count = has, count

    def correct(self, text: str) -> Correction:
        """What may have been meant by a question, as `query.shortened` gives it. What is quoted or excluded stands."""
        slips = tuple(self._slips(text))
        if not slips:
            return Correction((), ())
        most = max(1, int(MAX_COMBINATIONS ** (1 / len(slips))))
        combinations = product(*(slip.candidates[:most] for slip in slips))
        compounds = self._compounds(text)
        readings = [self._reading(text, slips, chosen, compounds) for chosen in combinations]
        readings.sort(key=_by_score)
        counted = sorted(self._with_evidence(text, readings[:MAX_COUNTED]), key=_by_score)
        return Correction(slips, (*counted, *readings[MAX_COUNTED:]))

    def _slips(self, text: str) -> Iterator[Slip]:
        for part in parts(text):
            if part.kind is not Kind.PLAIN:
                continue
            for match in WORD.finditer(part.text):
                yield from self._slips_in(match.group(), part.start + match.start())

    def _slips_in(self, token: str, start: int) -> Iterator[Slip]:
        """The slips in one word with its hyphens. A word that is known as a whole has none."""
        if self._is_known(token):
            return
        at = start
        for piece in SEPARATORS.split(token):
            word = fold(piece)
            if len(word) >= SHORTEST and word.isalpha() and not self._is_known(piece):
                candidates = self._vocabulary().candidates(word)
                if candidates:
                    yield Slip(piece, at, at + len(piece), candidates)
            at += len(piece) + 1

    def _is_known(self, word: str) -> bool:
        return all(self._has(each.clause) for each in self._analyzer.wanted(word))

    def _reading(self, text: str, slips: Sequence[Slip], chosen: Sequence[Candidate], compounds: int) -> Reading:
        corrected = replaced(text, slips, [each.text for each in chosen])
        formed = max(0, self._compounds(corrected) - compounds)
        return Reading(corrected, sum(each.score for each in chosen) + COMPOUND_REWARD * formed)

    def _compounds(self, text: str) -> int:
        return len(self._analyzer.compounds(self._analyzer.words(text)))

    def _with_evidence(self, text: str, readings: Sequence[Reading]) -> list[Reading]:
        """The readings with the number of listings that have all of their words. When none has any, what speaks for
        a reading is how many have a corrected word together with the word before it, or after it.
        """
        asked = {each.clause for each in self._analyzer.wanted(text)}
        wanted = [[each.clause for each in self._analyzer.wanted(reading.text)] for reading in readings]
        hits = [self._count(clauses) for clauses in wanted]
        weights = [math.log1p(count) for count in hits] if any(hits) else [self._together(c, asked) for c in wanted]
        return [
            reading._replace(score=reading.score + HITS_WEIGHT * weight, hits=count)
            for reading, weight, count in zip(readings, weights, hits, strict=True)
        ]

    def _together(self, clauses: Sequence[Clause], asked: Container[Clause]) -> float:
        pairs = [pair for pair in pairwise(clauses) if pair[0] not in asked or pair[1] not in asked]
        return sum(math.log1p(self._count(pair)) for pair in pairs)


def _by_score(reading: Reading) -> float:
    return -reading.score


def replaced(text: str, slips: Sequence[Slip], words: Sequence[str]) -> str:
    """The text with each slip replaced by its word."""
    pieces, end = [], 0
    for slip, word in zip(slips, words, strict=True):
        pieces += [text[end : slip.start], word]
        end = slip.stop
    return "".join([*pieces, text[end:]])


def _is_swapped(word: str, other: str) -> bool:
    """Whether they differ by two neighbours that changed places."""
    if len(word) != len(other):
        return False
    differing = [at for at in range(len(word)) if word[at] != other[at]]
    return (
        len(differing) == 2
        and differing[1] == differing[0] + 1
        and word[differing[0]] == other[differing[1]]
        and word[differing[1]] == other[differing[0]]
    )
