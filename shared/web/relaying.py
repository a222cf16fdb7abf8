"""Passing on what another process of this site answers, bit by bit as it comes: for streams without a proxy in front.

A stream that is passed on holds a thread of the web server. It has only a few, kept apart from those that work.
"""

import http.client
import socket
import threading
from collections.abc import Iterator

from flask import Response

from shared import sockets
from shared.config import Settings

# Of one web process; a proxy in front that speaks to the other process itself needs none.
MOST_AT_ONCE = 32
RETRY_SECONDS = 30
# Longer than the other process is ever silent.
_TIMEOUT_SECONDS = 10.0
_CHUNK = 16 * 1024


def most_relayed(settings: Settings) -> int:
    """How many streams a web process passes on at most; the web server has a thread for each."""
    return min(MOST_AT_ONCE, settings.streams)


class Relay:
    """Passes on what is behind `bind`, at most so much at once."""

    def __init__(self, bind: str, most: int) -> None:
        self._bind = bind
        self._places = threading.BoundedSemaphore(max(most, 1))

    def get(self, path: str, headers: dict[str, str]) -> Response:
        """The answer to GET `path`, its body still coming in; 503 when there is no place, or nobody answers."""
        if not self._places.acquire(blocking=False):
            return busy()
        connection = _Connection(self._bind)
        passage = _Passage(connection, self._places)
        try:
            connection.request("GET", path, headers=headers)
            answer = passage.answer = connection.getresponse()
        except (OSError, http.client.HTTPException):
            return busy()
        finally:
            if passage.answer is None:
                passage.close()
        kept = {name: value for name in ("Retry-After", "X-Accel-Buffering") if (value := answer.getheader(name))}
        return Response(passage, answer.status, kept, content_type=answer.getheader("Content-Type"))


def busy() -> Response:
    """503: come again later."""
    return Response("Busy. Load the page again to see what is new.\n", 503, {"Retry-After": str(RETRY_SECONDS)})


class _Connection(http.client.HTTPConnection):
    def __init__(self, bind: str) -> None:
        super().__init__("localhost", timeout=_TIMEOUT_SECONDS)
        self._bind = bind

    def connect(self) -> None:
        self.sock: socket.socket = sockets.connect(self._bind, _TIMEOUT_SECONDS)


class _Passage:
    """The body of an answer. Not a generator: one that was never begun would not give its place back."""

    def __init__(self, connection: _Connection, places: threading.BoundedSemaphore) -> None:
        self._connection, self._places = connection, places
        self.answer: http.client.HTTPResponse | None = None
        self._open = True

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        try:
            chunk = self.answer.read1(_CHUNK) if self.answer else b""
        except (OSError, http.client.HTTPException, ValueError):
            # The other process has ended: the page opens the stream again.
            chunk = b""
        if not chunk:
            raise StopIteration
        return chunk

    def close(self) -> None:
        """Hang up and give the place back. May be called again."""
        if self._open:
            self._open = False
            self._connection.close()
            self._places.release()
