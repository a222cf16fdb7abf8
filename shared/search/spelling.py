"""Spelling from the site's own vocabulary: words that no listing has, put right, and slips that made another word.

Candidates come from SymSpell (Garbe 2012). Scored as in a noisy channel (Kernighan, Church, Gale 1990): by how
likely the slip is and how frequent the word; then whole questions by whether their words form compounds, and the best
of those by how well the listings with the words put right fit the rest of the question.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from symspellpy import SymSpell, Verbosity
from symspellpy.editdistance import DistanceAlgorithm, EditDistance

from shared.search.analyzer import SEPARATORS, SYNONYM_WEIGHT, WORD, Alternative, Analyzer, Clause, Wanted
from shared.search.folding import fold
from shared.search.query import Kind, parts
from shared.search.vocabulary import MAX_DISTANCE, PREFIX, SPELLING

if TYPE_CHECKING:
    from shared.search.context import Context

# Words of up to this many letters are corrected by one letter only.
SHORT = 4
SHORTEST = 3
DISTANCE_COST = 5.0
# A letter left out, or two swapped, cost half: there is one way to do that, and 25 to hit a wrong letter.
HALF = 0.5
FIRST_LETTER, LAST_LETTER = 1.0, 0.5
COMPOUND_REWARD = 8.0
FREQUENCY_WEIGHT, CONTEXT_WEIGHT = 0.5, 0.7
MAX_CANDIDATES = 8
MAX_COMBINATIONS = 24
MAX_WEIGHED = 4
_CACHED = 4_096


class Candidate(NamedTuple):
    """What may have been meant by a word, perhaps two words; the higher the score, the likelier."""

    text: str
    score: float


class Neighbour(NamedTuple):
    """A stem that a known word may be a slip of, and how unlikely the slip is."""

    stem: str
    cost: float


class Slip(NamedTuple):
    """A word that no listing has, as typed, where it stands in the question, and what may have been meant."""

    typed: str
    start: int
    stop: int
    candidates: tuple[Candidate, ...]


class Reading(NamedTuple):
    """One way to read the whole question. `weight` is that of the listings with all words put right among the other
    words; None where it was not worth asking for.
    """

    text: str
    score: float
    weight: float | None = None


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
        self.neighbour = lru_cache(_CACHED)(self._neighbour)

    def _candidates(self, word: str) -> tuple[Candidate, ...]:
        """The likeliest words near a folded word, the best first; without the word itself."""
        reach = 1 if len(word) <= SHORT else MAX_DISTANCE
        found = [
            Candidate(near.term, self._score(word, near.term, near.distance))
            for near in self._symspell.lookup(word, Verbosity.ALL, reach)
            if near.distance
        ]
        return tuple(sorted([*found, *self._splits(word)], key=lambda each: (-each.score, each.text))[:MAX_CANDIDATES])

    def _neighbour(self, word: str) -> Neighbour | None:
        """The likeliest word of another stem a letter away from a folded word and with its first letter."""
        if len(word) < SHORTEST or not word.isalpha():
            return None
        stem = self._stem(word)
        near = (each for each in self._symspell.lookup(word, Verbosity.ALL, 1) if each.term[0] == word[0])
        others = [
            (math.log(each.count) - _cost(word, each.term, 1), each.term)
            for each in near
            if self._stem(each.term) != stem
        ]
        if not others:
            return None
        _, likeliest = max(others)
        return Neighbour(self._stem(likeliest), _cost(word, likeliest, 1))

    def _score(self, word: str, near: str, distance: int) -> float:
        ends = FIRST_LETTER * (word[0] == near[0]) + LAST_LETTER * (word[-1] == near[-1])
        return FREQUENCY_WEIGHT * math.log(self._symspell.words[near]) - _cost(word, near, distance) + ends

    def _splits(self, word: str) -> Iterator[Candidate]:
        """Two words that were written as one. Neither is likelier than the rarer of them."""
        weights = self._symspell.words
        for at in range(2, len(word) - 1):
            left, right = word[:at], word[at:]
            if left in weights and right in weights:
                rarer = FREQUENCY_WEIGHT * math.log(min(weights[left], weights[right]))
                yield Candidate(f"{left} {right}", rarer - DISTANCE_COST + FIRST_LETTER + LAST_LETTER)


class Speller:
    """Corrects questions. `vocabulary` is called when there is something to correct; `has` tells whether any listing
    satisfies a clause, `context` what listings say about some.
    """

    def __init__(
        self,
        vocabulary: Callable[[], Vocabulary],
        analyzer: Analyzer,
        has: Callable[[Clause], bool],
        context: Callable[[Sequence[Clause]], "Context"],
    ) -> None:
        self._vocabulary, self._analyzer = vocabulary, analyzer
        self._has, self._context = has, context

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
        weighed = sorted(self._with_evidence(text, readings[:MAX_WEIGHED]), key=_by_score)
        return Correction(slips, (*weighed, *readings[MAX_WEIGHED:]))

    def widened(self, asked: Sequence[Wanted]) -> list[Wanted]:
        """The words of a question, beside each what it may be a slip of though listings have it: a word a letter away,
        if listings with that fit the other words so much better that the slip is likelier than the word.
        """
        context = self._context([each.clause for each in asked])
        return [self._widened(each, context) for each in asked]

    def _widened(self, wanted: Wanted, context: "Context") -> Wanted:
        word = fold(wanted.typed)
        neighbour = self._vocabulary().neighbour(word)
        if neighbour is None or (self._analyzer.is_listed(word) and not self._has(wanted.clause)):
            return wanted
        other = Alternative((neighbour.stem,), SYNONYM_WEIGHT)
        company = context.without(wanted.clause)
        gain = math.log1p(company.weight([(other,)])) - math.log1p(company.weight([wanted.clause]))
        return wanted._replace(clause=(*wanted.clause, other)) if gain > neighbour.cost else wanted

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
            if len(word) >= SHORTEST and word.isalpha() and not self._is_right(word):
                candidates = self._vocabulary().candidates(word)
                if candidates:
                    yield Slip(piece, at, at + len(piece), candidates)
            at += len(piece) + 1

    def _is_right(self, word: str) -> bool:
        """Whether a folded word says what it should: a good one is not a slip of another because nobody has it."""
        return self._analyzer.is_listed(word) or self._is_known(word)

    def _is_known(self, word: str) -> bool:
        return all(self._has(each.clause) for each in self._analyzer.wanted(word))

    def _reading(self, text: str, slips: Sequence[Slip], chosen: Sequence[Candidate], compounds: int) -> Reading:
        corrected = replaced(text, slips, [each.text for each in chosen])
        formed = max(0, self._compounds(corrected) - compounds)
        return Reading(corrected, sum(each.score for each in chosen) + COMPOUND_REWARD * formed)

    def _compounds(self, text: str) -> int:
        return len(self._analyzer.compounds(self._analyzer.words(text)))

    def _with_evidence(self, text: str, readings: Sequence[Reading]) -> list[Reading]:
        """The readings, weighed by how well the listings with all words put right fit the others."""
        asked = {each.clause for each in self._analyzer.wanted(text)}
        context = cache(self._context)
        weighed = []
        for reading in readings:
            clauses = [each.clause for each in self._analyzer.wanted(reading.text)]
            others = tuple(clause for clause in clauses if clause in asked)
            weight = context(others).weight([clause for clause in clauses if clause not in asked])
            score = reading.score + CONTEXT_WEIGHT * math.log1p(weight)
            weighed.append(Reading(reading.text, score, weight))
        return weighed


def _by_score(reading: Reading) -> float:
    return -reading.score


def replaced(text: str, slips: Sequence[Slip], words: Sequence[str]) -> str:
    """The text with each slip replaced by its word."""
    pieces, end = [], 0
    for slip, word in zip(slips, words, strict=True):
        pieces += [text[end : slip.start], word]
        end = slip.stop
    return "".join([*pieces, text[end:]])


def _cost(word: str, near: str, distance: int) -> float:
    """How unlikely it is that a word was typed for one that is near."""
    halves = _is_swapped(word, near) + max(0, len(near) - len(word))
    return DISTANCE_COST * (distance - HALF * halves)


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
