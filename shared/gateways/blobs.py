"""Where bytes that belong to listings are kept: a directory now, an object store later behind the same protocol.

A blob's name is made from its content, so a name never changes its meaning and a second put of it is harmless.
"""

import contextlib
import os
import re
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol
from urllib.parse import unquote, urlsplit

from shared.errors import Invalid, MarketError, NotFound

MEDIA_TYPES = {"avif": "image/avif", "jpg": "image/jpeg"}
_NAME = re.compile(r"(?P<digest>[0-9a-f]{32})-(?P<width>[1-9][0-9]{0,4})\.(?P<extension>avif|jpg)", re.ASCII)


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
        """Store durably before returning. Storing a name again changes nothing."""

    def get(self, name: str) -> bytes:
        """All bytes of a blob, or `BlobNotFound`."""

    def open(self, name: str) -> OpenBlob:
        """For serving: an open file with its media type and size in bytes, or `BlobNotFound`."""

    def exists(self, name: str) -> bool:
        """Whether a blob of that name is stored."""

    def delete(self, name: str) -> None:
        """Remove a blob; nothing happens when there is none."""


class DirectoryBlobs:
    """Blobs as files under a directory, spread over two levels of sub-directories by the first digits of the name."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def put(self, name: str, data: bytes, media_type: str) -> None:
        path = self.path(name)
        if MEDIA_TYPES[path.suffix[1:]] != media_type:
            raise Invalid({"media_type": f"A file named {path.suffix} cannot be {media_type}."})
        if path.exists():
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        _write_durably(path, data)

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

    def delete(self, name: str) -> None:
        self.path(name).unlink(missing_ok=True)

    def path(self, name: str) -> Path:
        """The file of a blob, there or not, for a web server that sends files itself."""
        if not _NAME.fullmatch(name):
            raise BlobNotFound
        return self.root / name[:2] / name[2:4] / name


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
