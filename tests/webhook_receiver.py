"""A real HTTP receiver, a process of its own, that misbehaves by path; the tests read what it got from its log.

python -m tests.webhook_receiver LOG [CERTIFICATE KEY]    serves on a free port of 127.0.0.1, which it prints
"""

import contextlib
import json
import socket
import ssl
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).parents[1]
_OK = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfine\n"


@dataclass(frozen=True)
class Receiver:
    """The process, as the tests see it."""

    port: int
    log: Path
    scheme: str

    def url(self, path: str = "/ok", host: str = "127.0.0.1") -> str:
        """The address of a way of answering: see `_WAYS`, or /status/NNN."""
        return f"{self.scheme}://{host}:{self.port}{path}"

    def requests(self) -> list[dict[str, Any]]:
        """Every request that came in, in order: path, headers (names in lower case) and body."""
        return [json.loads(line) for line in self.log.read_text().splitlines()]

    def paths(self) -> list[str]:
        """The paths of the requests that came in."""
        return [request["path"] for request in self.requests()]


@contextlib.contextmanager
def receiver(home: Path, certificate: Path | None = None, key: Path | None = None) -> Iterator[Receiver]:
    """A receiver while the block runs, over TLS when it is given a certificate and its key."""
    log = home / "receiver.log"
    log.touch()
    command = [sys.executable, "-m", "tests.webhook_receiver", str(log)]
    if certificate and key:
        command += [str(certificate), str(key)]
    process = subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield Receiver(int(process.stdout.readline()), log, "https" if certificate else "http")
    finally:
        process.kill()
        process.communicate()


def main(log: str, certificate: str = "", key: str = "") -> None:
    """Serve until killed."""
    server = socket.create_server(("127.0.0.1", 0), backlog=256)
    context = None
    if certificate:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate, key)
    print(server.getsockname()[1], flush=True)
    writing = threading.Lock()
    while True:
        connection, _ = server.accept()
        threading.Thread(target=_serve, args=(connection, context, Path(log), writing), daemon=True).start()


def _serve(connection: socket.socket, context: ssl.SSLContext | None, log: Path, writing: threading.Lock) -> None:
    with contextlib.suppress(OSError), contextlib.ExitStack() as stack:
        if context:
            connection = context.wrap_socket(connection, server_side=True)
        stack.enter_context(connection)
        request = _read(connection)
        if request is None:
            return
        with writing, log.open("a") as file:
            file.write(json.dumps(request) + "\n")
        path = request["path"].partition("?")[0]
        way = _WAYS.get(path.rstrip("/"))
        if way is not None:
            way(connection)
        elif path.startswith("/status/"):
            status = path.removeprefix("/status/")
            connection.sendall(f"HTTP/1.1 {status} So\r\nContent-Length: 0\r\n\r\n".encode())
        else:
            connection.sendall(_OK)


def _read(connection: socket.socket) -> dict[str, Any] | None:
    data = b""
    while b"\r\n\r\n" not in data:
        part = connection.recv(65536)
        if not part:
            return None
        data += part
    head, _, body = data.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    while len(body) < int(headers.get("content-length", 0)):
        body += connection.recv(65536)
    return {"path": first.split()[1], "headers": headers, "body": body.decode()}


def _drip(begin: bytes, rest: bytes) -> Callable[[socket.socket], None]:
    """After the beginning a byte at a time, faster than any timeout for one read."""

    def answer(connection: socket.socket) -> None:
        connection.sendall(begin)
        for byte in rest:
            connection.sendall(bytes([byte]))
            time.sleep(0.1)

    return answer


def _say(data: bytes) -> Callable[[socket.socket], None]:
    return lambda connection: connection.sendall(data)


def _hang(connection: socket.socket) -> None:
    connection.recv(1)  # until the sender has had enough


def _reset(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def _huge(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 10000000000\r\n\r\n")
    for _ in range(10_000):
        connection.sendall(b"x" * 1_000_000)


def _for_ever(begin: bytes, again: bytes) -> Callable[[socket.socket], None]:
    """As fast as it is taken."""

    def answer(connection: socket.socket) -> None:
        connection.sendall(begin)
        while True:
            connection.sendall(again * 1000)

    return answer


def _slow(connection: socket.socket) -> None:
    time.sleep(0.5)
    connection.sendall(_OK)


_WAYS: dict[str, Callable[[socket.socket], None]] = {
    "/hang": _hang,
    "/slow": _slow,
    "/drip-head": _drip(b"HTTP/1.1 200 OK\r\nX-Slow: ", b"a" * 10_000),
    "/drip-body": _drip(b"HTTP/1.1 200 OK\r\nContent-Length: 10000\r\n\r\n", b"b" * 10_000),
    "/reset": _reset,
    "/redirect": _say(b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1/elsewhere\r\nContent-Length: 0\r\n\r\n"),
    "/huge": _huge,
    "/continue": _for_ever(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "/long-head": _for_ever(b"HTTP/1.1 200 OK\r\n", b"X-More: " + b"a" * 4000 + b"\r\n"),
    "/trailers": _for_ever(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", b"X-More: a\r\n"),
    "/busy": _say(b"HTTP/1.1 429 Slow down\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n"),
    "/disable": _say(b"HTTP/1.1 200 OK\r\nWebhook-Delivery: disable\r\nContent-Length: 0\r\n\r\n"),
    "/abort": _say(b"HTTP/1.1 400 Bad\r\nwebhook-delivery: abort-message\r\nContent-Length: 0\r\n\r\n"),
    "/nonsense": _say(b"SSH-2.0-OpenSSH_9.2\r\n"),
    "/binary": _say(b"HTTP/1.1 500 No\r\nContent-Length: 9\r\n\r\n\x00\x1b[31m\xff<b"),
    "/gzip": _say(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\n\x1f\x8bxx"),
}

if __name__ == "__main__":
    main(*sys.argv[1:])
