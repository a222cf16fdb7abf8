"""Sending one webhook: to the address that was checked and no other, within 15 seconds whatever the receiver does.

A name is resolved once. If one of its answers is refused (`shared.webhooks.denied`), nothing is connected to; otherwise
the connection goes to those very addresses, while Host, SNI and the certificate check keep the name. Redirects are not
followed, proxy variables not read, bodies not decompressed and not read past 20 kB, nor anything past 128 kB.
"""

import contextlib
import re
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from http.client import HTTPException
from queue import Empty, SimpleQueue
from typing import Any
from urllib.parse import SplitResult, urlsplit

from urllib3 import BaseHTTPResponse
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError, ReadTimeoutError

from shared.webhooks import Answer, Attempt, denied
from shared.webhooks.addresses import PORTS

DEADLINE_SECONDS, CONNECT_SECONDS = 15.0, 3.0
MOST_BYTES, LONGEST_HEAD = 20_000, 4_000
# Of an answer with all that belongs to it: heads without end cost processor time up to the deadline.
_MOST_RECEIVED = 128_000
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
# What getaddrinfo gives: family, type, protocol, canonical name, address.
_Target = tuple[Any, ...]


class _Refused(Exception):
    """Nothing was sent, or no answer was had: the fault by name, and words about it for the seller."""

    def __init__(self, fault: str, detail: str) -> None:
        super().__init__(detail)
        self.fault, self.detail = fault, detail


class Sender:
    """Sends attempts; may be used by many threads. `loopback` lets through this machine's own addresses, any port."""

    def __init__(
        self,
        site: str,
        *,
        loopback: bool = False,
        deadline: float = DEADLINE_SECONDS,
        authorities: str | None = None,
    ) -> None:
        """`site` is the public URL, told to receivers. `authorities`: a file of certificates to trust instead of the
        system's."""
        self.agent, self.loopback, self.deadline = f"Steveslist-Webhooks/1 (+{site})", loopback, deadline
        self._context = ssl.create_default_context(cafile=authorities)
        self._context.sslsocket_class = _BoundedTls

    def send(self, attempt: Attempt) -> Answer:
        """POST the attempt and say what came of it. Whatever the receiver does becomes an Answer, never an error."""
        began = time.monotonic()
        answer = _Reading()
        try:
            with _plain_faults():
                self._exchange(attempt, began + self.deadline, answer)
        except _Refused as refused:
            answer.fault, answer.detail = refused.fault, refused.detail
        return answer.finished(round((time.monotonic() - began) * 1000))

    def _exchange(self, attempt: Attempt, deadline: float, answer: "_Reading") -> None:
        parts = urlsplit(attempt.url)
        connection = self._connection(parts, self._targets(parts, deadline), deadline)
        headers = {**attempt.headers, "user-agent": self.agent, "connection": "close"}
        try:
            connection.connect()
            connection.sock.deadline = deadline  # type: ignore[union-attr]
            # A receiver may answer and close before it has read everything.
            with contextlib.suppress(BrokenPipeError):
                connection.request(
                    "POST",
                    f"{parts.path}{f'?{parts.query}' if parts.query else ''}",
                    body=attempt.body,
                    headers=headers,
                    preload_content=False,
                    decode_content=False,
                )
            with contextlib.closing(connection.getresponse()) as response:
                answer.read(response)
        finally:
            connection.close()

    def _targets(self, parts: SplitResult, deadline: float) -> list[_Target]:
        """Every address of the host, all of them allowed. Raises _Refused."""
        port = parts.port or PORTS[parts.scheme]
        if port != PORTS[parts.scheme] and not self.loopback:
            raise _Refused("denied", "Only the ports 80 and 443 are used.")
        targets = _resolve(parts.hostname or "", port, deadline - time.monotonic())
        if any(denied(target[4][0], loopback=self.loopback) for target in targets):
            raise _Refused("denied", "The host's name leads to an address that is not one of the public internet.")
        return targets

    def _connection(self, parts: SplitResult, targets: list[_Target], deadline: float) -> "_Plain | _Tls":
        host, port = parts.hostname or "", parts.port or PORTS[parts.scheme]
        if parts.scheme == "https":
            connection: _Plain | _Tls = _Tls(host, port, ssl_context=self._context)
        else:
            connection = _Plain(host, port)
        connection.targets, connection.deadline = targets, deadline
        return connection


def _resolve(host: str, port: int, seconds: float) -> list[_Target]:
    """The addresses of a host. The resolver knows no deadline, so it is waited for in a thread of its own."""
    found: SimpleQueue[list[_Target] | OSError | UnicodeError] = SimpleQueue()

    def look_up() -> None:
        try:
            found.put(list(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)))
        except (OSError, UnicodeError) as error:
            found.put(error)

    threading.Thread(target=look_up, name="resolver", daemon=True).start()
    try:
        answer = found.get(timeout=max(seconds, 0.0))
    except Empty:
        raise _Refused("timeout", "The host's name was not resolved in time.") from None
    if not isinstance(answer, list):
        raise _Refused("name", "The host's name could not be resolved.")
    return answer


class _Pinned:
    """A connection that goes to addresses which were checked, whatever its host resolves to by now."""

    targets: list[_Target]
    deadline: float

    def _new_conn(self) -> "_Bounded":
        until = min(self.deadline, time.monotonic() + CONNECT_SECONDS)
        lost: OSError = TimeoutError()
        for number, (family, kind, protocol, _, address) in enumerate(self.targets):
            connecting = _Bounded(family, kind, protocol)
            try:
                # Headers and body are two writes; the second must not wait for the first to be acknowledged.
                connecting.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                # One address that swallows everything leaves the others their share of the time.
                connecting.settimeout(_left(until) / (len(self.targets) - number))
                connecting.connect(address)
                # What follows before our deadline is known to the socket: the TLS handshake.
                connecting.settimeout(_left(self.deadline))
                return connecting
            except OSError as error:
                connecting.close()
                lost = error
        raise _Refused("connect", f"No connection within {CONNECT_SECONDS:g} seconds ({_word(lost)}).")


class _Plain(_Pinned, HTTPConnection):
    pass


class _Tls(_Pinned, HTTPSConnection):
    pass


class _Deadline:
    """Bounds a socket by one deadline, since a timeout alone begins anew with each byte, and by what it receives."""

    deadline = float("inf")
    received = 0

    def recv_into(self, *arguments: Any, **named: Any) -> int:
        self._hurry()
        count: int = super().recv_into(*arguments, **named)  # type: ignore[misc]
        self.received += count
        if self.received > _MOST_RECEIVED:
            raise _Refused("broken", "The answer had no end to its head, or to what surrounds its body.")
        return count

    def send(self, *arguments: Any, **named: Any) -> int:
        self._hurry()
        return super().send(*arguments, **named)  # type: ignore[misc, no-any-return]

    def sendall(self, *arguments: Any, **named: Any) -> None:
        self._hurry()
        super().sendall(*arguments, **named)  # type: ignore[misc]

    def _hurry(self) -> None:
        if self.deadline != float("inf"):
            self.settimeout(_left(self.deadline))  # type: ignore[attr-defined]


class _Bounded(_Deadline, socket.socket):
    pass


class _BoundedTls(_Deadline, ssl.SSLSocket):
    pass


def _left(deadline: float) -> float:
    """Seconds until the deadline; TimeoutError when there are none."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


class _Reading:
    """An answer as far as it has come: what was read before a fault is shown to the seller too."""

    def __init__(self) -> None:
        self.status: int | None = None
        self.fault: str | None = None
        self.detail = self.head = ""
        self.retry_after: str | None = None
        self.control: str | None = None
        self._body = b""

    def read(self, response: BaseHTTPResponse) -> None:
        """The head, then the body up to its end or to 20 kB, where the line is simply hung up."""
        self.status = response.status
        lines = [f"{response.status} {response.reason or ''}", *(f"{k}: {v}" for k, v in response.headers.items())]
        self.head = _text("\n".join(lines))[:LONGEST_HEAD]
        self.retry_after = response.headers.get("retry-after")
        self.control = (response.headers.get("webhook-delivery") or "").strip().lower() or None
        while len(self._body) < MOST_BYTES and (part := response.read1(MOST_BYTES - len(self._body))):
            self._body += part

    def finished(self, ms: int) -> Answer:
        body = _text(self._body.decode("utf-8", "replace"))
        return Answer(ms, self.status, self.fault, self.detail, self.head, body, self.retry_after, self.control)


def _text(words: str) -> str:
    """Without the control characters that a page or a terminal would obey."""
    return _UNPRINTABLE.sub("\ufffd", words.replace("\r\n", "\n"))


@contextlib.contextmanager
def _plain_faults() -> Iterator[None]:
    """What sockets, TLS and HTTP raise, as _Refused."""
    try:
        yield
    except (TimeoutError, ReadTimeoutError):
        raise _Refused("timeout", "No complete answer in time.") from None
    except ssl.SSLCertVerificationError as error:
        raise _Refused("tls", f"The certificate is not valid: {error.verify_message}.") from None
    except ssl.SSLError as error:
        raise _Refused("tls", f"TLS failed: {error.reason or 'unknown reason'}.") from None
    except (OSError, HTTPError, HTTPException, ValueError) as error:
        raise _Refused("broken", f"The connection broke, or what came was no HTTP ({_word(error)}).") from None


def _word(error: BaseException) -> str:
    """What went wrong in a word, without addresses."""
    return (isinstance(error, OSError) and error.strerror) or type(error).__name__
