"""Messages handed to an SMTP server (RFC 5321). Of what the server says to a refusal only its status is kept."""

import re
import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from shared.gateways.mail.message import Mail, MailError, Sender, compose

TIMEOUT_SECONDS = 20
_RECIPIENT = "the recipient's address"


@dataclass(frozen=True)
class SmtpMailer:
    """Hands messages to an SMTP server, one connection each.

    `tls` is "implicit", "starttls" (required, never only attempted) or "none", which takes no password.
    """

    host: str
    port: int
    sender: Sender
    tls: str = "starttls"
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    authorities: str | None = None
    timeout: float = TIMEOUT_SECONDS

    def send(self, mail: Mail) -> None:
        message = compose(mail, self.sender)
        with self._connection() as connection:
            connection.send_message(message, from_addr=mail.return_path or self.sender.address)

    def probe(self, *senders: str) -> None:
        """Go as far as one can without sending anything: connect, encrypt, log in, name each of the senders."""
        with self._connection() as connection:
            connection.ehlo_or_helo_if_needed()
            for sender in senders:
                code, words = connection.mail(sender)
                if code != 250:
                    raise smtplib.SMTPSenderRefused(code, words, sender)
                connection.rset()

    @contextmanager
    def _connection(self) -> Iterator[smtplib.SMTP]:
        with _plain_errors():
            connection = self._connect()
            try:
                yield connection
            finally:
                _hang_up(connection)

    def _connect(self) -> smtplib.SMTP:
        # Its own name is given, because smtplib would otherwise ask the resolver, which can hang.
        name, context = self.sender.domain, ssl.create_default_context(cafile=self.authorities)
        if self.tls == "implicit":
            connection: smtplib.SMTP = smtplib.SMTP_SSL(
                self.host, self.port, local_hostname=name, timeout=self.timeout, context=context
            )
        else:
            connection = smtplib.SMTP(self.host, self.port, local_hostname=name, timeout=self.timeout)
        try:
            if self.tls == "starttls":
                _encrypt(connection, context)
            if self.user is not None:
                connection.login(self.user, self.password or "")
        except BaseException:
            connection.close()
            raise
        return connection


def _encrypt(connection: smtplib.SMTP, context: ssl.SSLContext) -> None:
    try:
        connection.starttls(context=context)
    except (smtplib.SMTPNotSupportedError, smtplib.SMTPResponseException):
        raise _waiting("The mail server offers no encryption (STARTTLS), so it gets nothing.", "mail_tls") from None


def _hang_up(connection: smtplib.SMTP) -> None:
    """Say goodbye; a server that does not answer it has the message all the same."""
    try:
        connection.quit()
    except (smtplib.SMTPException, OSError):
        connection.close()


@contextmanager
def _plain_errors() -> Iterator[None]:
    """SMTP's errors as `MailError`, one sentence for each stage. They are not chained, because they quote addresses and
    the server's words. What an operator has to put right is not permanent: the message can wait for that."""
    try:
        yield
    except smtplib.SMTPRecipientsRefused as refused:
        raise _refusal(_RECIPIENT, *next(iter(refused.recipients.values()))) from None
    except smtplib.SMTPSenderRefused as refused:
        raise _refusal("our sender's address", refused.smtp_code, refused.smtp_error) from None
    except smtplib.SMTPAuthenticationError as refused:
        status = _status(refused.smtp_code, refused.smtp_error)
        raise _waiting(f"The mail server did not accept our user name and password ({status}).", "mail_login") from None
    except smtplib.SMTPNotSupportedError:
        raise _waiting("The mail server takes no user name and password on this connection.", "mail_login") from None
    except (smtplib.SMTPConnectError, smtplib.SMTPHeloError) as refused:
        raise _unwelcome(refused.smtp_code) from None
    except smtplib.SMTPResponseException as refused:
        raise _refusal("the message", refused.smtp_code, refused.smtp_error) from None
    except ssl.SSLCertVerificationError as error:
        raise _waiting(
            f"The mail server's certificate is not to be trusted: {error.verify_message}.", "mail_tls"
        ) from None
    except ssl.SSLError:
        raise _waiting("The mail server does not speak TLS as this port should.", "mail_tls") from None
    except (smtplib.SMTPException, OSError) as lost:
        raise _lost(lost) from None


def _unwelcome(code: int) -> MailError:
    if code < 0:  # no reply of SMTP
        return _waiting("What answers there is no mail server.", "mail_unreachable")
    return _waiting(f"The mail server does not want to talk to us ({code}).", "mail_refused")


def _lost(error: Exception) -> MailError:
    # smtplib makes "disconnected" of whatever befell the connection.
    befell = error.__context__ if isinstance(error, smtplib.SMTPServerDisconnected) else error
    if isinstance(befell, socket.gaierror):
        return _waiting("The name of the mail server leads to no address.", "mail_unreachable")
    if isinstance(befell, ConnectionRefusedError):
        return _waiting("No mail server listens on this port.", "mail_unreachable")
    if isinstance(befell, TimeoutError):
        return _waiting("The mail server did not answer in time.", "mail_silent")
    if isinstance(error, smtplib.SMTPServerDisconnected):
        return _waiting("The mail server hung up on us.", "mail_silent")
    return _waiting(f"The mail server could not be reached ({type(error).__name__}).", "mail_unreachable")


def _waiting(words: str, code: str) -> MailError:
    return MailError(words, code, permanent=False)


def _status(code: int, words: bytes | str) -> str:
    """Of the server's words only the status code of RFC 3463 is kept."""
    said = words if isinstance(words, str) else words.decode("ascii", "replace")
    detail = re.match(r"[245]\.\d{1,3}\.\d{1,3}\b", said)
    return f"{code} {detail[0]}" if detail else str(code)


def _refusal(what: str, code: int, words: bytes | str) -> MailError:
    """5xx is final, 4xx is not (RFC 5321, 4.2.1)."""
    status, permanent = _status(code, words), 500 <= code < 600
    # Of a recipient, statuses x.1.* and x.2.* are about the address and the mailbox; others, as x.7.*, may be about us.
    of_mailbox = what == _RECIPIENT and permanent and re.fullmatch(r"\d+( \d\.[12]\..*)?", status)
    name = "mailbox" if of_mailbox else "mail_refused"
    return MailError(f"The mail server refused {what} ({status}).", name, permanent=permanent)
