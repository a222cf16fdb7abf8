"""A small SMTP server on loopback for one test: it answers as told, and keeps what it was handed."""

import base64
import contextlib
import ipaddress
import socket
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass
class Peer:
    """`replies` overrides the answer to a command ("RCPT", "DATA", "." for the end of the data).

    At `hang_up_at` the connection is cut instead of answered. `tls` is "", "starttls" or "implicit".
    """

    certificate: Path | None = None
    tls: str = ""
    user: tuple[str, str] | None = None
    replies: dict[str, str] = field(default_factory=dict)
    hang_up_at: str = ""
    silent: bool = False
    port: int = 0
    received: list[bytes] = field(default_factory=list)
    envelopes: list[tuple[str, str]] = field(default_factory=list)
    logins: list[tuple[str, str]] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)

    def context(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        assert self.certificate is not None
        context.load_cert_chain(self.certificate)
        return context


@contextlib.contextmanager
def listening(peer: Peer) -> Iterator[Peer]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        peer.port = server.getsockname()[1]
        stop = threading.Event()
        thread = threading.Thread(target=_accept, args=(server, peer, stop))
        thread.start()
        try:
            yield peer
        finally:
            stop.set()
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", peer.port), timeout=5):
                pass
            thread.join()


def _accept(server: socket.socket, peer: Peer, stop: threading.Event) -> None:
    while True:
        connection, _address = server.accept()
        with connection:
            if stop.is_set():
                return
            connection.settimeout(10)
            with contextlib.suppress(OSError, EOFError):
                if peer.silent:
                    connection.recv(1)
                    continue
                conversation = _Conversation(peer, connection)
                try:
                    conversation.run()
                finally:
                    conversation.close()


class _Conversation:
    def __init__(self, peer: Peer, connection: socket.socket) -> None:
        self.peer = peer
        self.connection = connection
        self.encrypted = peer.tls == "implicit"
        if self.encrypted:
            self.connection = peer.context().wrap_socket(connection, server_side=True)
        self.stream: BinaryIO = self.connection.makefile("rb")
        self.sender = ""

    def run(self) -> None:
        self.say("220 peer ready")
        while True:
            line = self.line()
            verb = line.split(" ", 1)[0].upper()
            if verb == self.peer.hang_up_at:
                return
            if verb in self.peer.replies:
                self.say(self.peer.replies[verb])
            else:
                getattr(self, f"on_{verb.lower()}")(line)
            if verb == "QUIT":
                return

    def close(self) -> None:
        self.stream.close()
        self.connection.close()

    def say(self, reply: str) -> None:
        self.connection.sendall(reply.encode() + b"\r\n")

    def line(self) -> str:
        line = self.stream.readline()
        if not line:
            raise EOFError
        return line.decode().rstrip("\r\n")

    def on_ehlo(self, _line: str) -> None:
        offers = ["peer"]
        if self.peer.tls == "starttls" and not self.encrypted:
            offers.append("STARTTLS")
        if self.peer.user:
            offers.append("AUTH PLAIN")
        self.say("\r\n".join(f"250-{offer}" for offer in offers) + "\r\n250 SIZE 1000000")

    def on_starttls(self, _line: str) -> None:
        self.say("220 go ahead")
        self.stream.close()
        self.connection = self.peer.context().wrap_socket(self.connection, server_side=True)
        self.stream = self.connection.makefile("rb")
        self.encrypted = True

    def on_auth(self, line: str) -> None:
        _nothing, user, password = base64.b64decode(line.split(" ")[2]).decode().split("\0")
        self.peer.logins.append((user, password))
        self.say("235 2.7.0 welcome" if (user, password) == self.peer.user else "535 5.7.8 wrong password for " + user)

    def on_mail(self, line: str) -> None:
        self.sender = line
        self.say("250 2.1.0 ok")

    def on_rcpt(self, line: str) -> None:
        self.peer.envelopes.append((self.sender, line))
        self.say("250 2.1.5 ok")

    def on_rset(self, _line: str) -> None:
        self.say("250 ok")

    def on_quit(self, _line: str) -> None:
        self.say("221 bye")

    def on_data(self, _line: str) -> None:
        self.say("354 go on")
        lines = []
        while (line := self.stream.readline()) != b".\r\n":
            if not line:
                raise EOFError
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        if self.peer.hang_up_at == ".":
            raise EOFError
        reply = self.peer.replies.get(".", "250 2.0.0 queued")
        if reply.startswith("2"):
            self.peer.received.append(b"".join(lines))
            self.peer.encrypted.append(self.encrypted)
        self.say(reply)


def certificate(folder: Path) -> Path:
    """A certificate for 127.0.0.1 that is its own authority, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "peer")])
    today = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(subject_name=name, issuer_name=name, public_key=key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file = folder / "peer.pem"
    file.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return file
