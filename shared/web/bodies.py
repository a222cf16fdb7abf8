"""Receiving what a browser sends, before any work begins for it: whole, and bounded in size, in pace and in number.

The application server hands over a body as it comes in, to a thread that waits for it. Who sends slowly therefore holds
a thread, and only a part of them is given to bodies: reading the site goes on whatever arrives, or does not.
"""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from tempfile import SpooledTemporaryFile, gettempdir
from typing import IO

from werkzeug.exceptions import BadRequest, RequestEntityTooLarge, RequestTimeout, ServiceUnavailable

from shared.errors import Throttled

# Of one process; the application server has a thread for each, beside those that serve the others.
MOST_AT_ONCE = 32
MOST_OF_A_NETWORK = 8
# A line that carries less than a byte in four milliseconds is kept open on purpose.
GRACE_SECONDS = 20.0
BYTES_PER_SECOND = 250
# What is beyond the limit is read and thrown away up to here: browsers show no answer before all is sent.
DISCARDED = 32 * 1024 * 1024
_IN_MEMORY = 256 * 1024
# The server's read comes back with all that it was asked for and no sooner, so this is how finely the pace is seen.
_CHUNK = 256
_BUSY_SECONDS = 10


class Cut(BadRequest):
    """The connection ended before all was sent. The application server shows that as an ordinary end."""

    description = "Only a part of what you sent has arrived. Nothing was changed."


class Intake:
    """Receives the bodies of one app."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._receiving: Counter[str] = Counter()
        # Looked for now and remembered: on a disk that has filled up it would seem that there is none.
        with suppress(FileNotFoundError):
            gettempdir()

    def receive(self, stream: IO[bytes], length: int, most: int, network: str) -> IO[bytes]:
        """The `length` bytes of `stream` as a file to be closed by the caller.

        Raises RequestEntityTooLarge beyond `most` bytes (when the sender has been heard out), RequestTimeout for one
        that is too slow, Cut for one that ended early, Throttled and ServiceUnavailable when too many are sending.
        """
        if length > DISCARDED:
            raise RequestEntityTooLarge
        with self._place(network):
            if length > most:
                for _ in _chunks(stream, length):
                    pass
                raise RequestEntityTooLarge
            return _kept(stream, length)

    @contextmanager
    def _place(self, network: str) -> Iterator[None]:
        with self._lock:
            if self._receiving[network] >= MOST_OF_A_NETWORK:
                raise Throttled(_BUSY_SECONDS, "You are sending too much at once. Wait until some of it has arrived.")
            if self._receiving.total() >= MOST_AT_ONCE:
                raise ServiceUnavailable
            self._receiving[network] += 1
        try:
            yield
        finally:
            with self._lock:
                self._receiving -= Counter({network: 1})  # forgets it at zero


def _kept(stream: IO[bytes], length: int) -> IO[bytes]:
    file = SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115  the caller's to close
    try:
        for chunk in _chunks(stream, length):
            file.write(chunk)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return file


def _chunks(stream: IO[bytes], length: int) -> Iterator[bytes]:
    received, begun = 0, time.monotonic()
    while received < length:
        chunk = stream.read(min(_CHUNK, length - received))
        if not chunk:
            raise Cut
        received += len(chunk)
        if time.monotonic() - begun > GRACE_SECONDS + received / BYTES_PER_SECOND:
            raise RequestTimeout
        yield chunk
