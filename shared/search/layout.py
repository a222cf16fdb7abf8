"""Where the index lies: a directory for each build, a pointer to the live one, and what that one knows of itself.

    CURRENT            name of the live build
    index.<n>/         a Whoosh index; beside its files `state.json`, the words it was made with and those it taught
                       (lexicon.py, vocabulary.py), and `BROKEN` once somebody could not read it
    index.<n>.tmp/     a build in progress, or one that was given up

A file is replaced by writing another one and renaming it. Whoosh's files hold pickles: whoever can write here can run
code, so the mode is 0700.
"""

import fcntl
import json
import os
import re
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

from shared import clock
from shared.search import analyzer, schema, vocabulary
from shared.search.errors import NO_INDEX_YET, IndexBusy, IndexUnavailable

FORMAT = f"{schema.VERSION}.{analyzer.VERSION}.{vocabulary.VERSION}"
KEEP = 2
# A reader that still works with an older build has it open; it looks at the pointer every second.
KEEP_SECONDS = 600
_BUILD = re.compile(r"^index\.[0-9]+$")


@dataclass(frozen=True, slots=True)
class State:
    """What a build knows of itself; written after each commit, so it may be older than the index, never newer."""

    format: str = FORMAT
    positions: Mapping[str, int] = field(default_factory=dict)
    committed_at: int = 0
    built: int = 0  # how many documents it began with


class Layout:
    """The directory of one index."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def current(self) -> Path:
        """The live build. Raises IndexUnavailable when there is none."""
        try:
            name = (self.root / "CURRENT").read_text().strip()
        except (OSError, UnicodeDecodeError):
            raise IndexUnavailable(NO_INDEX_YET) from None
        build = self.root / name
        if not _BUILD.match(name) or not build.is_dir():
            raise IndexUnavailable(f"the search index {name[:40]!r} is gone")
        return build

    def begin(self) -> Path:
        """An empty directory to build in. What earlier builds left unfinished is removed."""
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        for leftover in self.root.glob("index.*.tmp"):
            shutil.rmtree(leftover, ignore_errors=True)
        build = self.root / f"index.{time.time_ns()}.tmp"
        build.mkdir(mode=0o700)
        return build

    def publish(self, build: Path, state: State) -> Path:
        """Make a finished build the live one."""
        sync_new(build, set())
        write_state(build, state)
        final = build.rename(build.with_suffix(""))
        _replace(self.root / "CURRENT", final.name)
        self._sweep(final)
        return final

    def _sweep(self, live: Path) -> None:
        builds = sorted((each for each in self.root.iterdir() if _BUILD.match(each.name)), reverse=True)
        for old in builds[KEEP:]:
            if old != live and clock.now() - old.stat().st_mtime > KEEP_SECONDS:
                shutil.rmtree(old, ignore_errors=True)

    @contextmanager
    def rebuild_lock(self) -> Iterator[None]:
        """Held while building; the kernel frees it whatever becomes of the process. Raises IndexBusy."""
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (self.root / "rebuild.lock").open("w") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise IndexBusy("another rebuild is running") from None
            yield


def read_state(build: Path) -> State:
    """The state of a build. Raises IndexUnavailable when it cannot be read or is of another format."""
    try:
        reason = (build / "BROKEN").read_text(errors="replace")[:200]
    except FileNotFoundError:
        pass
    except OSError as error:
        raise IndexUnavailable(f"the search index cannot be read: {error}") from error
    else:
        raise IndexUnavailable(f"the search index is broken: {reason}")
    try:
        state = State(**json.loads((build / "state.json").read_text()))
    except (OSError, ValueError, TypeError) as error:
        raise IndexUnavailable(f"the search index has no readable state: {type(error).__name__}") from None
    if state.format != FORMAT:
        raise IndexUnavailable(f"the search index has format {state.format}, this version needs {FORMAT}: rebuild it")
    return state


def write_state(build: Path, state: State) -> None:
    """Replace the state of a build, durably."""
    _replace(build / "state.json", json.dumps(asdict(state)))


def size(build: Path) -> int:
    """Bytes on disk; a file that is tidied away meanwhile counts nothing."""
    total = 0
    for file in build.iterdir():
        with suppress(FileNotFoundError):
            total += file.stat().st_size
    return total


def mark_broken(build: Path, reason: str) -> None:
    """Tell every process that this build cannot be read; the indexer builds another one."""
    with suppress(OSError):
        _replace(build / "BROKEN", f"{reason} ({clock.now()})")


def sync_new(build: Path, synced: set[Path]) -> set[Path]:
    """Force files that are not in `synced` to the disk; returns those that are there. Whoosh itself never does."""
    present = {file for file in build.iterdir() if file.is_file()}
    for file in present - synced:
        with suppress(FileNotFoundError):  # the rest of a build that a later commit tidied away
            _sync(file)
    _sync(build)
    return present


def _replace(path: Path, text: str) -> None:
    temporary = path.with_name(f"{path.name}.{os.getpid()}.new")
    with temporary.open("w") as handle:
        handle.write(text)
        handle.flush()
        os.fsync(handle.fileno())
    temporary.replace(path)
    _sync(path.parent)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
