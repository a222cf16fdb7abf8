"""All that a build knows of language: the words it was made with, its vocabulary, and how words may go on."""

from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import TypeVar, cast

from shared.search import words
from shared.search.analyzer import Analyzer
from shared.search.damage import Damaged, reading
from shared.search.spelling import Vocabulary
from shared.search.vocabulary import Completions

WORDS = "words.toml"
T = TypeVar("T")


class Lexicon:
    """The language of one build. Its files are read when first needed, once for all threads; each raises Damaged, or
    OSError when the system will not let it be read.
    """

    def __init__(self, build: Path) -> None:
        self.build = build
        self._lock = Lock()

    @cached_property
    def analyzer(self) -> Analyzer:
        """The analysis that the documents of the build went through, and that questions to it must."""
        return self._read("analyzer", lambda build: Analyzer(words.read(build / WORDS)))

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The words of the documents, for spelling."""
        stem = self.analyzer.stem
        return self._read("vocabulary", lambda build: Vocabulary(build, stem))

    @cached_property
    def completions(self) -> Completions:
        """The words of the titles, for completing what is being typed."""
        return self._read("completions", Completions)

    def _read(self, name: str, read: Callable[[Path], T]) -> T:
        """What a file tells, unless another thread has read it while this one waited: properties have no lock."""
        with self._lock, reading("lexicon", passing=OSError):
            if name not in self.__dict__:
                self.__dict__[name] = _present(read, self.build)
            return cast(T, self.__dict__[name])


def _present(read: Callable[[Path], T], build: Path) -> T:
    try:
        return read(build)
    except FileNotFoundError as error:
        # Unlike other errors of the system, this one will not pass.
        raise Damaged(f"lexicon: {error.filename} is gone") from error
