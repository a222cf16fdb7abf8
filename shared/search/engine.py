"""The one place that imports Whoosh, and the one change we make to it.

Whoosh 2.7.4 writes some patterns without the raw prefix, which newer Pythons warn of at the first import.
"""

import warnings
from collections.abc import Callable
from typing import Any

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from whoosh import columns, fields, formats
    from whoosh.codec.whoosh3 import W3Codec
    from whoosh.filedb import structfile
    from whoosh.filedb.filestore import FileStorage
    from whoosh.index import TOC, FileIndex, LockError
    from whoosh.lang.porter import stem
    from whoosh.reading import SegmentReader, TermNotFound
    from whoosh.util.numeric import byte_to_length
    from whoosh.writing import SegmentWriter

__all__ = [
    "TOC",
    "FileIndex",
    "FileStorage",
    "LockError",
    "SegmentReader",
    "SegmentWriter",
    "TermNotFound",
    "W3Codec",
    "byte_to_length",
    "columns",
    "fields",
    "formats",
    "stem",
    "structfile",
]


class _View:
    """Just enough of a file over a memory map: Whoosh's own copies the whole segment into each process."""

    def __init__(self, view: memoryview) -> None:
        self.view = view
        self.position = 0

    def seek(self, position: int, whence: int = 0) -> int:
        self.position = position + (0, self.position, len(self.view))[whence]
        return self.position

    def tell(self) -> int:
        return self.position

    def read(self, size: int = -1) -> bytes:
        stop = len(self.view) if size < 0 else self.position + size
        data = bytes(self.view[self.position : stop])
        self.position += len(data)
        return data

    def readline(self) -> bytes:
        end = self.position
        while end < len(self.view) and self.view[end] != 10:
            end += 1
        return self.read(end + 1 - self.position)

    def close(self) -> None:
        self.view = memoryview(b"")


def _open_view(
    self: Any, buf: memoryview, name: str | None = None, onclose: Callable[[Any], None] | None = None
) -> None:
    self._buf, self._name, self.onclose = buf, name, onclose
    self.file = _View(buf)
    self.is_real = self.is_closed = False


structfile.BufferFile.__init__ = _open_view
