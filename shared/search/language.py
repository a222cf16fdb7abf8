"""The analysis that the live index was made with, for whoever reads texts as the index does without asking it."""

from hashlib import blake2b
from pathlib import Path
from threading import Lock
from typing import NamedTuple

from shared.search import words
from shared.search.analyzer import VERSION, Analyzer
from shared.search.errors import IndexUnavailable, InvalidWords
from shared.search.layout import Layout
from shared.search.lexicon import WORDS
from shared.search.words import Words, WordsFile


class Analysis(NamedTuple):
    """An analyzer, and a name that changes with what it makes of a text."""

    analyzer: Analyzer
    name: str


class Language:
    """The analysis of the index in `root`; without one, that of the next, with the operator's words in `edits`.

    One object serves all threads; it looks for another build whenever it is asked.
    """

    def __init__(self, root: Path, edits: Path) -> None:
        self._layout, self._edits = Layout(root), WordsFile(edits)
        self._lock = Lock()
        self._of: str | None = None
        self._analysis: Analysis | None = None

    def current(self) -> Analysis:
        """The analysis that holds now. Raises InvalidWords for words of the operator that make no sense."""
        with self._lock:
            build = self._build()
            if self._analysis is None or build is None or build.name != self._of:
                self._adopt(self._words(build))
                self._of = build.name if build else None
            assert self._analysis is not None
            return self._analysis

    def _build(self) -> Path | None:
        try:
            return self._layout.current()
        except IndexUnavailable:
            return None

    def _words(self, build: Path | None) -> Words:
        try:
            return self._edits.words() if build is None else words.read(build / WORDS)
        except (OSError, InvalidWords):
            if build is None:
                raise
            # The indexer is about to build another one, with these.
            return self._edits.words()

    def _adopt(self, found: Words) -> None:
        name = _name(found)
        if self._analysis is None or self._analysis.name != name:
            self._analysis = Analysis(Analyzer(found), name)


def _name(found: Words) -> str:
    text = words.dumped(
        {
            "stop_words": sorted(found.stop_words),
            "compounds": found.compounds,
            "synonyms": found.synonyms,
            "ordinals": found.ordinals,
        }
    )
    return blake2b(f"{VERSION}\n{text}".encode(), digest_size=8).hexdigest()
