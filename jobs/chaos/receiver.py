"""A webhook receiver on this machine that remembers what came, and now and then answers that it cannot."""

import random
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Receiver(ThreadingHTTPServer):
    """`taken` counts the messages that were accepted, by webhook-id; `refused` how often the answer was 500."""

    daemon_threads = True

    def __init__(self, rng: random.Random, refuse: float) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.taken: Counter[str] = Counter()
        self.refused = 0
        self._rng, self._refuse, self._lock = rng, refuse, threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/"

    def take(self, message: str) -> bool:
        with self._lock:
            if self._rng.random() < self._refuse:
                self.refused += 1
                return False
            self.taken[message] += 1
            return True


class _Handler(BaseHTTPRequestHandler):
    server: Receiver
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("content-length", 0)))
        self.send_response(204 if self.server.take(self.headers["webhook-id"]) else 500)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_words: object) -> None:
        """The counters say enough."""


@contextmanager
def receiving(rng: random.Random, refuse: float = 0.02) -> Iterator[Receiver]:
    """A receiver that refuses this share of what comes."""
    with Receiver(rng, refuse) as receiver:
        thread = threading.Thread(target=receiver.serve_forever, name="receiver", daemon=True)
        thread.start()
        try:
            yield receiver
        finally:
            receiver.shutdown()
            thread.join()
