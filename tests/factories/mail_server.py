"""A real mail server of somebody else (aiosmtpd) on loopback: it takes mail over STARTTLS from who logs in."""

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

USER, PASSWORD = "robot", "sesame seeds"


@dataclass
class MailServer:
    """What it was given; `refused` maps a sender or recipient to the answer that it gets."""

    certificate: Path
    port: int = 0
    refused: dict[str, str] = field(default_factory=dict)
    envelopes: list[Envelope] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)

    def url(self, password: str = PASSWORD) -> str:
        """The setting that sends mail here."""
        return f"smtp://{USER}:{password.replace(' ', '%20')}@127.0.0.1:{self.port}?ca={self.certificate}"

    def mails(self) -> list[EmailMessage]:
        """The messages, in the order in which they came."""
        return [message_from_bytes(each.original_content or b"", policy=policy.default) for each in self.envelopes]

    async def handle_MAIL(
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.refused:
            return self.refused[address]
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, session: Session, envelope: Envelope) -> str:
        self.envelopes.append(envelope)
        self.encrypted.append(session.ssl is not None)
        return "250 OK"


@contextmanager
def listening(certificate: Path, *, tls: bool = True) -> Iterator[MailServer]:
    """The server, while the block runs. Without `tls` it offers no encryption and asks for no password."""
    server = MailServer(certificate, _free_port())
    options: dict[str, Any] = {}
    if tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        options = {"tls_context": context, "require_starttls": True, "auth_required": True, "authenticator": _check}
    controller = Controller(server, hostname="127.0.0.1", port=server.port, **options)
    controller.start()
    try:
        yield server
    finally:
        controller.stop()


def _check(_server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, given: Any) -> AuthResult:
    return AuthResult(success=(given.login, given.password) == (USER.encode(), PASSWORD.encode()), handled=False)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])
