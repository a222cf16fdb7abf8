"""All that a build knows of language: the words it was made with, its vocabulary, and how words may go on."""

from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import TypeVar

from shared.search import words
from shared.search.analyzer import Analyzer
from shared.search.damage import reading
from shared.search.spelling import Vocabulary
from shared.search.vocabulary import Completions

WORDS = "words.toml"
T = TypeVar("T")


class Lexicon:
    """The language of one build. Its files are read when first needed, once for all threads; each raises Damaged."""

    def __init__(self, build: Path) -> None:
        self.build = build
        self._lock = Lock()

    @cached_property
    def analyzer(self) -> Analyzer:
        """The analysis that the documents of the build went through, and that questions to it must."""
        return self._read(lambda build: Analyzer(words.read(build / WORDS)))

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The words of the documents, for spelling."""
        stem = self.analyzer.stem
        return self._read(lambda build: Vocabulary(build, stem))

    @cached_property
    def completions(self) -> Completions:
        """The words of the titles, for completing what is being typed."""
        return self._read(Completions)

    def _read(self, read: Callable[[Path], T]) -> T:
        with self._lock, reading("lexicon"):
            return read(self.build)
