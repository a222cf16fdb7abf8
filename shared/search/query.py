"""A question as it is read: words to look for, phrases in quotes that must stand, and what must not.

Quotes and a minus before a word are the whole language; everything else is text, so that nothing typed is an error.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from shared.search.analyzer import MAX_CLAUSES, MAX_TEXT, Analyzer, Clause, Wanted
from shared.search.folding import readable

# Phrases and exclusions beyond these are not looked at: each is compared with every listing found.
MAX_PATTERNS = 8
# A quote opens where a word may begin, so that 55" is a size. One that is never closed is a space.
_SPECIAL = re.compile(r'(?<!\S)(?P<minus>-?)(?:"(?P<phrase>[^"]+)"|(?<=-)(?P<word>[^\W_][^\s"]*))')


class Kind(Enum):
    """What a part of a question is for."""

    PLAIN = "plain"
    PHRASE = "phrase"
    EXCLUDED = "excluded"


class Part(NamedTuple):
    """A part of a question: its own text, and where that stands in the whole."""

    kind: Kind
    text: str
    start: int


class Pattern(NamedTuple):
    """All clauses, and if there are `sequences`, one of them: terms that stand one after the other."""

    clauses: tuple[Clause, ...]
    sequences: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Query:
    """What a listing must have: `wanted` all or some, `phrases` always, `excluded` never."""

    wanted: tuple[Wanted, ...] = ()
    phrases: tuple[Pattern, ...] = ()
    excluded: tuple[Pattern, ...] = ()

    @property
    def clauses(self) -> list[Clause]:
        """Everything that a listing scores by, at most MAX_CLAUSES."""
        quoted = (clause for phrase in self.phrases for clause in phrase.clauses)
        return list(dict.fromkeys((*(each.clause for each in self.wanted), *quoted)))[:MAX_CLAUSES]

    def __bool__(self) -> bool:
        return bool(self.wanted or self.phrases or self.excluded)


def shortened(text: str) -> str:
    """As much of a question as is read, tidied; `parts` and `read` are to be given this."""
    return readable(text[:MAX_TEXT])[:MAX_TEXT]


def parts(text: str) -> list[Part]:
    """The parts of a question in their order, without those that are empty."""
    return [part for part in _parts(text) if part.text.strip()]


def read(text: str, analyzer: Analyzer) -> Query:
    """The question that a text asks."""
    wanted: dict[Clause, Wanted] = {}
    patterns: dict[tuple[Kind, Pattern], None] = {}
    for part in parts(text):
        if part.kind is Kind.PLAIN:
            for each in analyzer.wanted(part.text):
                wanted.setdefault(each.clause, each)
        elif (pattern := _pattern(part, analyzer)).clauses and len(patterns) < MAX_PATTERNS:
            patterns[part.kind, pattern] = None
    return Query(
        tuple(wanted.values())[:MAX_CLAUSES],
        tuple(pattern for kind, pattern in patterns if kind is Kind.PHRASE),
        tuple(pattern for kind, pattern in patterns if kind is Kind.EXCLUDED),
    )


def _parts(text: str) -> Iterator[Part]:
    end = 0
    for match in _SPECIAL.finditer(text):
        yield Part(Kind.PLAIN, text[end : match.start()], end)
        name = "word" if match["word"] else "phrase"
        yield Part(Kind.EXCLUDED if match["minus"] else Kind.PHRASE, match[name], match.start(name))
        end = match.end()
    yield Part(Kind.PLAIN, text[end:], end)


def _pattern(part: Part, analyzer: Analyzer) -> Pattern:
    """What was quoted is meant as it is written: without synonyms."""
    clauses = tuple(each.clause for each in analyzer.wanted(part.text, synonyms=False))
    sequences = analyzer.sequences(part.text)
    return Pattern(clauses, tuple(sequences) if max(map(len, sequences), default=0) > 1 else ())
