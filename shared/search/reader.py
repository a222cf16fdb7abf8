"""The newest commit of the live index, kept open for all threads of a process and swapped when there is a newer one."""

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from shared.search import layout
from shared.search.damage import Damaged
from shared.search.engine import FileStorage
from shared.search.errors import IndexUnavailable
from shared.search.layout import Layout
from shared.search.lexicon import Lexicon
from shared.search.segments import PostingsCache, Segment, Snapshot, latest_generation, open_snapshot

CHECK_SECONDS = 1.0


class Reader:
    """Opens snapshots. An old one keeps answering while a new one is opened, and is closed with its last user."""

    def __init__(self, where: Layout, check_seconds: float = CHECK_SECONDS) -> None:
        self._layout = where
        self._check_seconds = check_seconds
        self._lock = threading.Lock()
        self._snapshot: Snapshot | None = None
        self._checked = float("-inf")
        self._cache = PostingsCache()
        self._lexicon: Lexicon | None = None

    def current(self) -> Snapshot:
        """The snapshot to answer from, at most `check_seconds` behind. Raises IndexUnavailable."""
        snapshot = self._snapshot
        if snapshot is not None and not self._due():
            return snapshot
        # One thread looks; the others go on with what there is, or wait when there is nothing.
        if not self._lock.acquire(blocking=snapshot is None) and snapshot is not None:
            return snapshot
        try:
            snapshot = self._snapshot  # read once: `broken` may clear it at any moment
            return self._look() if snapshot is None or self._due() else snapshot
        finally:
            self._lock.release()

    def newest(self) -> Snapshot:
        """The snapshot of the newest commit, now. Raises IndexUnavailable."""
        with self._lock:
            return self._look()

    def open_segment(self, build: Path, segment: Any) -> Segment:
        """One of Whoosh's segments, taken from the snapshot when it is open there."""
        return self._known(build).get(segment.segment_id()) or Segment(FileStorage(str(build)), segment, self._cache)

    def lexicon(self, build: Path) -> Lexicon:
        """The language of a build, kept over its commits."""
        lexicon = self._lexicon
        if lexicon is None or lexicon.build != build:
            lexicon = self._lexicon = Lexicon(build)
        return lexicon

    def broken(self, build: Path, error: Exception) -> IndexUnavailable:
        """Note for all processes that the build cannot be read; returns what to raise."""
        self._snapshot = None
        layout.mark_broken(build, str(error))
        return IndexUnavailable(f"the search index is broken: {error}")

    def _due(self) -> bool:
        return time.monotonic() - self._checked >= self._check_seconds

    def _look(self) -> Snapshot:
        build = self._layout.current()
        layout.read_state(build)
        snapshot = self._snapshot
        if snapshot is None or snapshot.build != build or snapshot.generation != latest_generation(build):
            snapshot = self._guarded(build, lambda: open_snapshot(self.lexicon(build), self._known(build), self._cache))
        self._snapshot, self._checked = snapshot, time.monotonic()
        return snapshot

    def _known(self, build: Path) -> dict[str, Segment]:
        snapshot = self._snapshot
        if snapshot is None or snapshot.build != build:
            return {}
        return {segment.name: segment for segment in snapshot.segments}

    def _guarded(self, build: Path, open_it: Callable[[], Snapshot]) -> Snapshot:
        try:
            return open_it()
        except Damaged as error:
            raise self.broken(build, error) from error
        except OSError as error:
            raise IndexUnavailable(f"the search index cannot be opened: {error}") from error
