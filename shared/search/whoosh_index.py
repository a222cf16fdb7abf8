"""The search engine behind the port: Whoosh 2.7.4 for storage and writing, arrays for matching.

Not used of Whoosh, because it is wrong or slow: refreshing searchers, filters as sets, update_document, optimize,
its query parser and its block skipping.
"""

import logging
import shutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from shared import clock
from shared.search import layout
from shared.search.answering import Explanation, answer, explain
from shared.search.damage import Damaged
from shared.search.errors import IndexUnavailable, InvalidWords, StaleCursor
from shared.search.layout import Layout, State
from shared.search.lexicon import WORDS, Lexicon
from shared.search.matching import frequency
from shared.search.port import Change, Cursor, Document, Health, Page, SearchRequest
from shared.search.reader import CHECK_SECONDS, Reader
from shared.search.segments import PostingsCache, Snapshot, open_snapshot
from shared.search.suggesting import suggestions
from shared.search.words import Words, WordsFile, read, shipped
from shared.search.writing import write_build, write_changes

log = logging.getLogger(__name__)
T = TypeVar("T")


class WhooshIndex:
    """The index in the directory `root`; see SearchIndex for the contract of its methods.

    `words` is where the operator's words lie, for the next build. Cheap to make: nothing is opened before the first
    question. One object serves all threads of a process.
    """

    def __init__(self, root: Path, words: Path | None = None, check_seconds: float = CHECK_SECONDS) -> None:
        self._layout = Layout(root)
        self._words = WordsFile(words or root / "words.toml")
        self._reader = Reader(self._layout, check_seconds)
        self._synced: set[Path] = set()

    def search(self, request: SearchRequest) -> Page:
        return self._from_snapshot(lambda snapshot: answer(snapshot, request))

    def suggest(self, prefix: str, limit: int) -> list[str]:
        return self._from_snapshot(lambda snapshot: suggestions(snapshot.lexicon, prefix, limit))

    def frequencies(self, terms: Iterable[str]) -> dict[str, int]:
        return self._from_snapshot(lambda snapshot: {term: frequency(snapshot, term) for term in terms})

    def explain(self, text: str) -> Explanation:
        """How a question is read, before it is answered. Raises IndexUnavailable."""
        return self._from_snapshot(lambda snapshot: explain(snapshot, text))

    def apply(self, changes: Iterable[Change], cursor: Cursor | None = None) -> None:
        build = self._layout.current()
        state = layout.read_state(build)
        if cursor is not None and cursor.index != build.name:
            raise StaleCursor(f"the live index is {build.name}, the cursor is of {cursor.index}")
        self._reader.newest()
        if write_changes(
            self._reader.lexicon(build), changes, lambda segment: self._reader.open_segment(build, segment)
        ):
            self._synced = layout.sync_new(build, self._synced)
        positions = state.positions if cursor is None else cursor.positions
        layout.write_state(build, replace(state, positions=dict(positions), committed_at=clock.now()))

    def rebuild(self, documents: Iterable[Document], positions: Mapping[str, int]) -> int:
        with self._layout.rebuild_lock():
            build = self._layout.begin()
            try:
                count = write_build(build, documents, self._next_words())
                _prove(build, count)
            except BaseException:
                shutil.rmtree(build, ignore_errors=True)
                raise
            self._layout.publish(build, State(positions=dict(positions), committed_at=clock.now(), built=count))
        return count

    def _next_words(self) -> Words:
        """The words for a new build. A list that makes no sense must not leave the site without an index."""
        try:
            return self._words.words()
        except InvalidWords as error:
            log.error("the index is built with the words of the last one: %s", error.message)
        try:
            return read(self._layout.current() / WORDS)
        except (IndexUnavailable, InvalidWords, OSError):
            return shipped()

    def cursor(self) -> Cursor:
        build = self._layout.current()
        return Cursor(build.name, layout.read_state(build).positions)

    def health(self) -> Health:
        name = None
        try:
            build = self._layout.current()
            name = build.name
            return self._examine(build)
        except IndexUnavailable as error:
            return Health(ok=False, reason=error.message, index=name)
        except OSError as error:
            return Health(ok=False, reason=f"the search index cannot be read: {error}", index=name)

    def contents(self, first: int = 0, last: int = 2**63 - 1) -> dict[int, int]:
        snapshot = self._reader.newest()
        try:
            return snapshot.contents(first, last)
        except Damaged as error:
            raise self._reader.broken(snapshot.build, error) from error

    def _from_snapshot(self, ask: Callable[[Snapshot], T]) -> T:
        snapshot = self._reader.current()
        try:
            return ask(snapshot)
        except Damaged as error:
            raise self._reader.broken(snapshot.build, error) from error
        except OSError as error:
            raise IndexUnavailable(f"the search index cannot be read: {error}") from error

    def _examine(self, build: Path) -> Health:
        state = layout.read_state(build)
        snapshot = self._reader.newest()
        try:
            _load(snapshot)
        except Damaged as error:
            raise self._reader.broken(build, error) from error
        return Health(
            ok=True,
            index=build.name,
            documents=snapshot.count,
            deleted=snapshot.size - snapshot.count,
            segments=len(snapshot.segments),
            bytes=layout.size(build),
            committed_at=state.committed_at,
            positions=state.positions,
            built=state.built,
        )


def _load(snapshot: Snapshot) -> None:
    for segment in snapshot.segments:
        segment.load()


def _prove(build: Path, count: int) -> None:
    """Read a new build back before anyone depends on it."""
    snapshot = open_snapshot(Lexicon(build), {}, PostingsCache())
    _load(snapshot)
    if snapshot.count != count:
        raise Damaged(f"{count} documents were written, {snapshot.count} are there")
