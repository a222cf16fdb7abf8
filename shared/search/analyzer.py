"""What a text is made of: one analysis for documents and questions, pure and total.

A visitor's text only ever becomes terms here. It reaches no query parser, so `*`, `?`, brackets and AND have no power.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from shared.search import language
from shared.search.engine import stem as porter

# Part of the index's format: an index made by another version is not read.
VERSION = 1
MAX_TEXT = 200
MAX_CLAUSES = 12
MAX_TERM = 40

_SEPARATORS = re.compile(r"[-./&_]")
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?(?:[-./&_][^\W_]+)*")
_MEASURE = re.compile(r"^([0-9]+)([a-z]+)$")
_FOLD = str.maketrans(
    {"æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "ł": "l", "ı": "i", "‐": "-", "‑": "-", "–": "-"}
)
_MAX_JOINED = 3

# A way to satisfy a clause: every one of these terms.
Alternative = tuple[str, ...]
# Part of a question: any one of these alternatives.
Clause = tuple[Alternative, ...]


class _Word(NamedTuple):
    """A run of text without spaces: its parts between hyphens and the like, each a stem."""

    parts: tuple[str, ...]
    joined: str


def terms(text: str) -> list[str]:
    """Every term under which a document with this text is found, with repetitions, in no particular order."""
    words = list(_words(text))
    found: list[str] = []
    for word in words:
        for part in word.parts:
            found += _spellings(part)
        if 1 < len(word.parts) <= _MAX_JOINED:
            found.append(word.joined)
    stems = [part for word in words for part in word.parts]
    found += [_COMPOUND[pair] for pair in zip(stems, stems[1:], strict=False) if pair in _COMPOUND]
    return [term for term in found if term not in language.STOP_WORDS]


def clauses(text: str) -> list[Clause]:
    """What a question asks for: clauses without repetition, at most MAX_CLAUSES, of the first MAX_TEXT characters."""
    words = list(_words(text[:MAX_TEXT]))
    stems = [(part, word, place) for word in words for place, part in enumerate(word.parts)]
    found: dict[Clause, None] = {}
    at = 0
    while at < len(stems) and len(found) < MAX_CLAUSES:
        part, word, place = stems[at]
        following = stems[at + 1][0] if at + 1 < len(stems) else ""
        if (part, following) in _COMPOUND:
            clause: Clause = ((_COMPOUND[part, following],),)
            at += 2
        elif place == 0 and 1 < len(word.parts) <= _MAX_JOINED:
            clause = ((word.joined,), word.parts)
            at += len(word.parts)
        else:
            clause = _clause(part)
            at += 1
        if sensible := tuple(filter(None, map(_significant, clause))):
            found[sensible] = None
    return list(found)


@lru_cache(maxsize=100_000)
def stem(word: str) -> str:
    """The Porter stem (Porter 1980) of an English word in lower case; anything else comes back as it is."""
    if len(word) > MAX_TERM:
        return word[:MAX_TERM]
    if word in language.STOP_WORDS or not (word.isascii() and word.isalpha()):
        return word
    return str(porter(word))


def fold(text: str) -> str:
    """Lower case without accents, in the plainest letters there are (Unicode NFKD)."""
    if text.isascii():
        return text.lower()
    plain = unicodedata.normalize("NFKD", text).casefold().translate(_FOLD)
    return "".join(c for c in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(c) and _visible(c))


def _visible(character: str) -> bool:
    # Zero-width and direction marks would split or hide a word.
    return unicodedata.category(character) != "Cf"


def _words(text: str) -> Iterator[_Word]:
    for match in _WORD.finditer(fold(text)):
        raw = [_apostrophe(part) for part in _SEPARATORS.split(match.group())]
        raw = [language.ORDINALS.get(part, part) for part in raw]
        yield _Word(tuple(stem(part) for part in raw), stem("".join(raw)))


def _apostrophe(part: str) -> str:
    head, mark, tail = part.replace("’", "'").partition("'")
    return head if mark and tail == "s" else head + tail


def _spellings(part: str) -> list[str]:
    """The terms of one part of a document's word: itself, and what it is made of."""
    if measure := _MEASURE.match(part):
        return [part, measure[1], stem(measure[2])]
    return [part, *_COMPOUND_PARTS.get(part, ())]


def _clause(part: str) -> Clause:
    if measure := _MEASURE.match(part):
        return ((part,), (measure[1], stem(measure[2])))
    return ((part,),)


def _significant(alternative: Alternative) -> Alternative:
    return tuple(term for term in alternative if term not in language.STOP_WORDS)


_COMPOUND = {(stem(a), stem(b)): stem(a + b) for a, b in language.COMPOUNDS}
_COMPOUND_PARTS = {joined: pair for pair, joined in _COMPOUND.items()}
