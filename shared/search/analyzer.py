"""What a text is made of: one analysis for documents and questions, pure and total.

A visitor's text only ever becomes terms here. It reaches no query parser, so `*`, `?`, brackets and AND have no power.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple
from zlib import crc32

from shared.search.engine import stem as porter
from shared.search.folding import fold
from shared.search.words import Words

# Part of the index's format: an index made by another version is not read.
VERSION = 3
MAX_TEXT = 200
MAX_CLAUSES = 12
MAX_TERM = 40
# A listing with a synonym comes a little after one with the word itself.
SYNONYM_WEIGHT = 0.8
# One with a part of a compound, far after those with the whole.
PART_WEIGHT = 0.5

SEPARATORS = re.compile(r"[-./&_]")
WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?(?:[-./&_][^\W_]+)*")
_MEASURE = re.compile(r"(?:([0-9]+)([a-z]+)|([a-z]+)([0-9]+))")
_MAX_JOINED = 3
_MAX_VARIANTS = 4
_SHORTEST_PART = 3
_CACHED_WORDS = 100_000
_NUMBER_BYTES = 4


class Alternative(NamedTuple):
    """A way to satisfy a clause: every one of these terms. The weight is what its score is multiplied by."""

    terms: tuple[str, ...]
    weight: float = 1.0


# Part of a question: any one of these alternatives, the visitor's own word first.
Clause = tuple[Alternative, ...]


class Wanted(NamedTuple):
    """A clause, the words of the question that it stands for, and the clauses of the parts of a compound: for when
    nobody has the whole.
    """

    clause: Clause
    typed: str
    parts: tuple[Clause, ...] = ()


@dataclass(frozen=True, slots=True)
class Word:
    """A run of text without spaces. All but `surfaces` and `spellings` is stemmed.

    `parts` stand between hyphens and the like, `joined` is them as one. `surfaces` are the parts as written,
    `spellings` all words that it teaches. `terms` are all under which a document with the word is found, `sequence`
    those that stand one after the other in it, and `packed` the same in four bytes each.
    """

    parts: tuple[str, ...]
    joined: str
    surfaces: tuple[str, ...]
    spellings: tuple[str, ...]
    terms: tuple[str, ...]
    sequence: tuple[str, ...]
    packed: bytes


class _Piece(NamedTuple):
    """A part of a word of a question, and whether it is its first."""

    stem: str
    word: Word
    is_first: bool
    typed: str


class _Unit(NamedTuple):
    """What a clause is made of: a word, a part of one, or two that form a compound. `key` names it among synonyms,
    `parts` are the stems of a compound's words.
    """

    key: str
    alternatives: tuple[tuple[str, ...], ...]
    typed: str
    parts: tuple[str, ...]


class Analyzer:
    """The analysis with the words of one build: its documents and the questions to it must use the same."""

    def __init__(self, words: Words) -> None:
        self._words = words
        self._short_stem = lru_cache(_CACHED_WORDS)(self._stem)
        self._word = lru_cache(_CACHED_WORDS)(self._analyse)
        # From the stems of two words to the one word, and from its stem to the two.
        self._compound = {self._stems(both): both.replace(" ", "") for both in words.compounds}
        self._parts_of = {self.stem(both.replace(" ", "")): both.split() for both in words.compounds}
        self._ordinals = {**words.ordinals, **_glued(words)}
        self._synonyms = self._synonyms_of(words.synonyms)
        self._longest_synonym = max(map(len, self._synonyms), default=0)
        self._listed = frozenset(self._stems_of(words))

    def words(self, text: str) -> list[Word]:
        """The words of a text in their order. Long chains are not remembered: a whole text may be one."""
        tokens = WORD.findall(fold(text))
        return [self._word(token) if len(token) <= MAX_TERM else self._analyse(token) for token in tokens]

    def stem(self, word: str) -> str:
        """The Porter stem (Porter 1980) of an English word in lower case, its beginning if it is too long for a term;
        anything else comes back as it is.
        """
        return self._short_stem(word) if len(word) <= MAX_TERM else word[:MAX_TERM]

    def terms(self, words: Sequence[Word]) -> list[str]:
        """Every term under which a document with these words is found, with repetitions, in no particular order."""
        found = [term for word in words for term in word.terms]
        found += map(self.stem, self.compounds(words))
        return found

    def compounds(self, words: Sequence[Word]) -> list[str]:
        """The compounds that stand in a text as two words, each as one."""
        stems = [part for word in words for part in word.parts]
        return [self._compound[pair] for pair in pairwise(stems) if pair in self._compound]

    def is_stop_word(self, word: str) -> bool:
        """Whether the word, folded, says nothing."""
        return word in self._words.stop_words

    def is_listed(self, word: str) -> bool:
        """Whether the word, folded, is in the list of words in whatever form: then it is right though nobody has it."""
        return self.stem(word) in self._listed

    def wanted(self, text: str, *, synonyms: bool = True) -> list[Wanted]:
        """What a text asks for: clauses without repetition, at most MAX_CLAUSES, of the first MAX_TEXT characters."""
        found: dict[Clause, Wanted] = {}
        units = list(self._units(text[:MAX_TEXT]))
        for unit, others in zip(units, self._others(units) if synonyms else [()] * len(units), strict=True):
            clause = (*(Alternative(each) for each in unit.alternatives), *others)
            parts = tuple((Alternative((part,), PART_WEIGHT),) for part in unit.parts)
            found.setdefault(clause, Wanted(clause, unit.typed, parts))
        return list(found.values())[:MAX_CLAUSES]

    def sequences(self, text: str) -> list[tuple[str, ...]]:
        """The ways in which a phrase may stand in a document, as terms one after the other."""
        ways: list[tuple[str, ...]] = [()]
        for word in self.words(text[:MAX_TEXT]):
            both = [word.sequence]
            if 1 < len(word.parts) <= _MAX_JOINED and word.sequence != self._expanded(word.joined):
                both.append(self._expanded(word.joined))
            if len(ways) * len(both) > _MAX_VARIANTS:
                both = both[:1]
            ways = [way + more for way in ways for more in both]
        return [way for way in ways if way]

    def _analyse(self, token: str) -> Word:
        raw = [_apostrophe(part) for part in SEPARATORS.split(token)]
        raw = [self._ordinals.get(part, part) for part in raw]
        parts, joined = tuple(map(self.stem, raw)), self.stem("".join(raw))
        terms = [term for part in parts for term in self._spellings(part)]
        if _is_joined(parts):
            terms.append(joined)
        sequence = tuple(term for part in parts for term in self._expanded(part))
        spellings = [*raw, *(one for part in parts for one in self._parts_of.get(part, ()))]
        if _is_joined(parts):
            spellings.append("".join(raw))
        return Word(
            parts=parts,
            joined=joined,
            surfaces=tuple(raw),
            spellings=tuple(spellings),
            terms=tuple(term for term in terms if term not in self._words.stop_words),
            sequence=sequence,
            packed=b"".join(map(packed, sequence)),
        )

    def _stem(self, word: str) -> str:
        if word in self._words.stop_words or not (word.isascii() and word.isalpha()):
            return word
        return str(porter(word))

    def _stems(self, text: str) -> tuple[str, ...]:
        return tuple(map(self.stem, text.split()))

    def _spellings(self, part: str) -> list[str]:
        """The terms of one part of a document's word: itself, and what it is made of."""
        made_of = self._expanded(part)
        return [part] if made_of == (part,) else [part, *made_of]

    def _expanded(self, part: str) -> tuple[str, ...]:
        """A measure as number and unit, a compound as its parts, anything else as it is."""
        if measure := _MEASURE.fullmatch(part):
            first, second = filter(None, measure.groups())
            return (self.stem(first), self.stem(second))
        both = self._parts_of.get(part)
        return (part,) if both is None else tuple(map(self.stem, both))

    def _units(self, text: str) -> Iterator[_Unit]:
        """The units of a question that say something, in their order."""
        pieces = list(self._pieces(text))
        at = 0
        while at < len(pieces):
            length, key, ways = self._unit(pieces, at)
            if sensible := tuple(filter(None, map(self._significant, ways))):
                typed = dict.fromkeys(piece.typed for piece in pieces[at : at + length])
                yield _Unit(key, sensible, " ".join(typed), self._telling_parts(pieces[at : at + length]))
            at += length

    def _unit(self, pieces: Sequence[_Piece], at: int) -> tuple[int, str, tuple[tuple[str, ...], ...]]:
        """The unit that begins with a piece: of how many pieces it is, its name, and the ways to satisfy it."""
        piece = pieces[at]
        both = (piece.stem, pieces[at + 1].stem if at + 1 < len(pieces) else "")
        if both in self._compound:
            joined = self.stem(self._compound[both])
            return 2, joined, ((joined,),)
        if piece.is_first and _is_joined(piece.word.parts):
            return len(piece.word.parts), piece.word.joined, ((piece.word.joined,), piece.word.parts)
        if _MEASURE.fullmatch(piece.stem):
            return 1, piece.stem, ((piece.stem,), self._expanded(piece.stem))
        return 1, piece.stem, ((piece.stem,),)

    def _telling_parts(self, pieces: Sequence[_Piece]) -> tuple[str, ...]:
        """The parts of a unit of several, or of a compound that is written as one word, that say something alone."""
        parts = [part for piece in pieces for part in self._parts_of.get(piece.stem, (piece.stem,))]
        if len(parts) < 2:
            return ()
        stems = dict.fromkeys(map(self.stem, parts))
        return self._significant(tuple(stem for stem in stems if stem.isalpha() and len(stem) >= _SHORTEST_PART))

    def _pieces(self, text: str) -> Iterator[_Piece]:
        for word, typed in self._as_typed(text):
            for place, part in enumerate(word.parts):
                yield _Piece(part, word, place == 0, typed)

    def _as_typed(self, text: str) -> Iterator[tuple[Word, str]]:
        words, typed = self.words(text), WORD.findall(text)
        # Folding may take a word apart (½); then its pieces stand for themselves.
        same = len(typed) == len(words)
        for at, word in enumerate(words):
            yield word, typed[at] if same else "-".join(word.surfaces)

    def _significant(self, terms: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(term for term in terms if term not in self._words.stop_words)

    def _others(self, units: Sequence[_Unit]) -> list[tuple[Alternative, ...]]:
        """The synonyms of each unit. Those of several together stand with each of them, and share the weight:
        (a or S) and (b or S) is met by a and b, or by S, while a alone still counts as one of two words.
        """
        found: list[tuple[Alternative, ...]] = []
        while len(found) < len(units):
            run, others = self._longest_run(units, len(found))
            shared = tuple(Alternative(terms, SYNONYM_WEIGHT / run) for terms in others)
            found += [shared] * run
        return found

    def _longest_run(self, units: Sequence[_Unit], start: int) -> tuple[int, Iterable[tuple[str, ...]]]:
        for length in range(min(self._longest_synonym, len(units) - start), 0, -1):
            key = tuple(unit.key for unit in units[start : start + length])
            if key in self._synonyms:
                return length, self._synonyms[key]
        return 1, ()

    def _stems_of(self, words: Words) -> Iterator[str]:
        """The stems of all that synonyms, compounds and ordinals are made of, and of compounds as one word."""
        yield from self._parts_of
        synonyms = (word for group in words.synonyms for word in group)
        for text in (*synonyms, *words.compounds, *words.ordinals.values()):
            for word in self.words(text):
                yield from (*word.parts, word.joined)

    def _synonyms_of(self, groups: Iterable[Sequence[str]]) -> dict[tuple[str, ...], dict[tuple[str, ...], None]]:
        """For each word or words of a group, the others, in the order of the file."""
        found: dict[tuple[str, ...], dict[tuple[str, ...], None]] = {}
        for group in groups:
            keys = [tuple(unit.key for unit in self._units(word)) for word in group]
            for key in filter(None, keys):
                found.setdefault(key, {}).update((other, None) for other in keys if other and other != key)
        return found


def packed(term: str) -> bytes:
    """A term as the four bytes that stand for it in a document's sequence; never zero, which is the gap."""
    return max(1, crc32(term.encode())).to_bytes(_NUMBER_BYTES, "little")


GAP = bytes(_NUMBER_BYTES)


def _glued(words: Words) -> dict[str, str]:
    """Compounds that begin with an ordinal, as one word: 2ndhand is secondhand."""
    pairs = [compound.split() for compound in words.compounds]
    return {
        short + second: first + second
        for short, ordinal in words.ordinals.items()
        for first, second in pairs
        if first == ordinal
    }


def _is_joined(parts: Sequence[str]) -> bool:
    # 1/2 is not 12, and a long chain is no word.
    return 1 < len(parts) <= _MAX_JOINED and not all(part.isdigit() for part in parts)


def _apostrophe(part: str) -> str:
    head, mark, tail = part.replace("’", "'").partition("'")
    return head if mark and tail == "s" else head + tail
