"""Where bytes that belong to listings are kept: a directory now, an object store later behind the same protocol.

A blob's name is made from its content, so a name never changes its meaning and a second put of it is harmless. What
has not been put for a while and is named nowhere is swept away (docs/adr/0042-purging.md): so whoever is about to name
a blob puts it, or renews it, first.
"""

import contextlib
import fcntl
import os
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol
from urllib.parse import unquote, urlsplit

from shared.errors import Invalid, MarketError, NotFound

MEDIA_TYPES = {"avif": "image/avif", "jpg": "image/jpeg"}
_NAME = re.compile(r"(?P<digest>[0-9a-f]{32})-(?P<width>[1-9][0-9]{0,4})\.(?P<extension>avif|jpg)", re.ASCII)
_UNFINISHED = re.compile(rf"\.{_NAME.pattern}\.[0-9a-f]{{16}}", re.ASCII)


class BlobNotFound(NotFound):
    """No blob of that name is stored; a name that is not well formed can have none."""

    def __init__(self) -> None:
        super().__init__("There is no such file.")


@dataclass(frozen=True)
class OpenBlob:
    """A blob being read; whoever opened it closes `file`."""

    file: BinaryIO
    media_type: str
    size: int


class Blobs(Protocol):
    """What every store does. Names have the form `<32 hex digits>-<width>.<avif|jpg>`; errors are `MarketError`s."""

    def put(self, name: str, data: bytes, media_type: str) -> None:
        """Store durably before returning. Storing a name again only renews it."""

    def renew(self, name: str) -> bool:
        """Make a blob as young as if it had been put now; False when there is none."""

    def get(self, name: str) -> bytes:
        """All bytes of a blob, or `BlobNotFound`."""

    def open(self, name: str) -> OpenBlob:
        """For serving: an open file with its media type and size in bytes, or `BlobNotFound`."""

    def exists(self, name: str) -> bool:
        """Whether a blob of that name is stored."""

    def list(self, before: int) -> Iterator[str]:
        """The names that were put before this time (UTC seconds) and not since, in no particular order."""

    def remove(self, name: str, before: int) -> bool:
        """Remove a blob unless it was put or renewed since; whether one went.

        A put or a renewal at the same moment comes wholly before this, and keeps the blob, or wholly after it.
        """

    def remove_unfinished(self, before: int) -> int:
        """Remove what writers left that died before this time (UTC seconds); returns how many."""


class DirectoryBlobs:
    """Blobs as files under a directory, spread over two levels of sub-directories by the first digits of the name."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def put(self, name: str, data: bytes, media_type: str) -> None:
        path = self.path(name)
        if MEDIA_TYPES[path.suffix[1:]] != media_type:
            raise Invalid({"media_type": f"A file named {path.suffix} cannot be {media_type}."})
        path.parent.mkdir(parents=True, exist_ok=True)
        with _alone(path.parent):
            if not _renew(path):
                _write_durably(path, data)

    def renew(self, name: str) -> bool:
        path = self.path(name)
        if not path.parent.is_dir():
            return False
        with _alone(path.parent):
            return _renew(path)

    def get(self, name: str) -> bytes:
        with self.open(name).file as file:
            return file.read()

    def open(self, name: str) -> OpenBlob:
        path = self.path(name)
        try:
            file = path.open("rb")
        except FileNotFoundError:
            raise BlobNotFound from None
        return OpenBlob(file, MEDIA_TYPES[path.suffix[1:]], os.fstat(file.fileno()).st_size)

    def exists(self, name: str) -> bool:
        return self.path(name).is_file()

    def list(self, before: int) -> Iterator[str]:
        return (path.name for path in self._files(before) if _NAME.fullmatch(path.name))

    def remove(self, name: str, before: int) -> bool:
        path = self.path(name)
        if not path.parent.is_dir():
            return False
        with _alone(path.parent):
            old = _older(path, before)
            if old:
                path.unlink()
        return old

    def remove_unfinished(self, before: int) -> int:
        left = [path for path in self._files(before) if _UNFINISHED.fullmatch(path.name)]
        for path in left:
            path.unlink(missing_ok=True)
        return len(left)

    def _files(self, before: int) -> Iterator[Path]:
        for directory in self.root.glob("[0-9a-f][0-9a-f]/[0-9a-f][0-9a-f]"):
            yield from (path for path in directory.iterdir() if _older(path, before))

    def path(self, name: str) -> Path:
        """The file of a blob, there or not, for a web server that sends files itself."""
        if not _NAME.fullmatch(name):
            raise BlobNotFound
        return self.root / name[:2] / name[2:4] / name


@contextlib.contextmanager
def _alone(directory: Path) -> Iterator[None]:
    """Keep others from putting, renewing and removing here. The lock ends with its holder, however he dies."""
    handle = os.open(directory, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _renew(path: Path) -> bool:
    try:
        os.utime(path)
    except FileNotFoundError:
        return False
    return True


def _older(path: Path, before: int) -> bool:
    try:
        return path.stat().st_mtime < before
    except FileNotFoundError:
        return False


def _write_durably(path: Path, data: bytes) -> None:
    """A reader sees the whole file or none, even when the machine stops in the middle."""
    unfinished = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        with unfinished.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
    for directory in (path.parent, path.parent.parent, path.parent.parent.parent):
        _sync_directory(directory)


def _sync_directory(directory: Path) -> None:
    handle = os.open(directory, os.O_RDONLY)
    with contextlib.ExitStack() as stack:
        stack.callback(os.close, handle)
        os.fsync(handle)


def blobs(blob_url: str) -> Blobs:
    """The store that a setting names: `file:PATH`."""
    url = urlsplit(blob_url)
    if url.scheme != "file" or url.netloc or not url.path:
        raise MarketError(f"STEVESLIST_BLOB_URL must be file:PATH, not {url.scheme or 'a bare path'}.", "setting")
    return DirectoryBlobs(Path(unquote(url.path)))
