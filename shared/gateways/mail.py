"""Outgoing mail: one message to one address, by SMTP or into a maildir on this machine.

What a message says is rendered elsewhere. Bodies, addresses and passwords are never logged and never part of an error.
"""

import hashlib
import os
import re
import secrets
import smtplib
import ssl
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Protocol
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from shared import clock
from shared.errors import MarketError, NotFound

TIMEOUT_SECONDS = 20
LONGEST_HEADER = 900
# 7bit, because not every relay on the way speaks 8BITMIME.
_POLICY = policy.SMTP.clone(cte_type="7bit")
# The ASCII form of an address, without the quoting that RFC 5321 allows and no provider gives out.
_ADDRESS = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)*[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
)
_EXTRA_HEADER = re.compile(r"Reply-To|List-[A-Z][A-Za-z-]*|In-Reply-To|References|X-[A-Za-z-]+")
_KEY = re.compile(r"[0-9a-f]{32}")
_RECIPIENT = "the recipient's address"


class MailError(MarketError):
    """A message that was not handed over; `permanent` says that sending the same one again cannot succeed.

    The code "mailbox" says that the recipient's address is the reason: no other message would reach it either.
    """

    code = "mail"


@dataclass(frozen=True)
class Mail:
    """One message. `message_id` is its idempotency key, for example the id of the event behind it.

    Every attempt with the same key carries the same Message-ID. `headers` may hold Reply-To, In-Reply-To, References,
    List-* and X-* only. The key may be anything; only its hash is sent. `return_path` is the envelope's sender, where
    bounces go; without one they go to the sender.
    """

    to: str
    subject: str
    text: str = field(repr=False)
    html: str | None = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict)
    message_id: str = field(default_factory=lambda: secrets.token_hex(16), repr=False)
    return_path: str | None = field(default=None, repr=False)

    @property
    def key(self) -> str:
        """32 hex digits that stand for the idempotency key."""
        return hashlib.sha256(self.message_id.encode()).hexdigest()[:32]


class Mailer(Protocol):
    """Whatever hands messages over."""

    def send(self, mail: Mail) -> None:
        """Return when the message is somebody else's responsibility, durably; else raise `MailError`."""


@dataclass(frozen=True)
class Sender:
    """Who the messages are from: an address, and the site's name shown with it."""

    address: str
    name: str

    def __post_init__(self) -> None:
        _check_address(self.address, "The sender's address")
        _check_header(self.name, "The site's name")

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2]


def compose(mail: Mail, sender: Sender) -> EmailMessage:
    """The message as it goes out; raises a permanent `MailError` for anything that does not belong into a header."""
    _check_address(mail.to, "The recipient's address")
    _check_header(mail.subject, "The subject")
    if mail.return_path is not None:
        _check_address(mail.return_path, "The return path")
    message = EmailMessage(policy=_POLICY)
    message["From"] = Address(sender.name, addr_spec=sender.address)
    message["To"] = Address(addr_spec=mail.to)
    message["Subject"] = mail.subject
    message["Date"] = format_datetime(datetime.fromtimestamp(clock.now(), UTC))
    message["Message-ID"] = f"<{mail.key}@{sender.domain}>"
    message["Auto-Submitted"] = "auto-generated"
    for name, value in mail.headers.items():
        _check_extra(name, value)
        message[name] = value
    _fill(message, mail)
    return message


def _fill(message: EmailMessage, mail: Mail) -> None:
    try:
        message.set_content(mail.text, charset="utf-8")
        if mail.html is not None:
            message.add_alternative(mail.html, subtype="html", charset="utf-8")
    except UnicodeError:
        raise MailError("The message has characters that cannot be sent.", "mail_text") from None


def _check_address(address: str, what: str) -> None:
    local = address.partition("@")[0]
    if len(address) > 254 or len(local) > 64 or not _ADDRESS.fullmatch(address):
        raise MailError(f"{what} is not one that mail can be sent to.", "mail_address")


def _check_header(value: str, what: str) -> None:
    """No control character, line or paragraph separator or lone surrogate: nothing that could begin another header."""
    if len(value) > LONGEST_HEADER or any(unicodedata.category(letter) in ("Cc", "Cs", "Zl", "Zp") for letter in value):
        raise MailError(f"{what} is too long or has characters that a mail header cannot hold.", "mail_header")


def _check_extra(name: str, value: str) -> None:
    if not _EXTRA_HEADER.fullmatch(name):
        raise MailError("A message cannot set this header.", "mail_header")
    _check_header(value, f"The header {name}")


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
    except smtplib.SMTPResponseException as refused:
        raise _refusal("the message", refused.smtp_code, refused.smtp_error) from None
    except ssl.SSLCertVerificationError as error:
        raise _waiting(
            f"The mail server's certificate is not to be trusted: {error.verify_message}.", "mail_tls"
        ) from None
    except ssl.SSLError:
        raise _waiting("The mail server does not speak TLS as this port should.", "mail_tls") from None
    except (smtplib.SMTPException, OSError) as lost:
        raise _waiting(f"The mail server could not be reached ({type(lost).__name__}).", "mail_unreachable") from None


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


@dataclass(frozen=True)
class StoredMail:
    """A message in the maildir, as its reader sees it; `received_at` in UTC seconds."""

    key: str
    to: str
    subject: str
    received_at: int
    text: str = field(repr=False)
    html: str | None = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True)
class MaildirMailer:
    """Messages as files of a maildir that any mail program can read; the same message sent twice is there once."""

    root: Path
    sender: Sender

    def send(self, mail: Mail) -> None:
        message = compose(mail, self.sender)
        for folder in ("tmp", "new", "cur"):
            (self.root / folder).mkdir(mode=0o700, parents=True, exist_ok=True)
        if self._file(mail.key) is None:
            self._deliver(mail.key, message.as_bytes(policy=_POLICY.clone(linesep="\n")))

    def messages(self, limit: int = 50) -> list[StoredMail]:
        """The latest messages, newest first."""
        newest = sorted(self._files(), key=lambda file: (file.stat().st_mtime_ns, file.name), reverse=True)
        return [_stored(file) for file in newest[:limit]]

    def message(self, key: str) -> StoredMail:
        """One message, or `NotFound`."""
        file = self._file(key) if _KEY.fullmatch(key) else None
        if file is None:
            raise NotFound("There is no such message.")
        return _stored(file)

    def _deliver(self, key: str, data: bytes) -> None:
        unfinished = self.root / "tmp" / f"{key}.{secrets.token_hex(8)}"
        unfinished.touch(mode=0o600, exist_ok=False)
        with unfinished.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        unfinished.rename(self.root / "new" / key)

    def _files(self) -> Iterator[Path]:
        for folder in ("new", "cur"):
            yield from (file for file in self.root.glob(f"{folder}/*") if _KEY.fullmatch(_key_of(file)))

    def _file(self, key: str) -> Path | None:
        unread = self.root / "new" / key
        return unread if unread.exists() else next(self.root.glob(f"cur/{key}*"), None)


def _key_of(file: Path) -> str:
    """Without the flags that a mail program appends when a message is read."""
    return file.name.partition(":")[0]


def _stored(file: Path) -> StoredMail:
    message = message_from_bytes(file.read_bytes(), policy=policy.default)
    return StoredMail(
        key=_key_of(file),
        to=str(message["To"]),
        subject=str(message["Subject"]),
        received_at=int(file.stat().st_mtime),
        text=_body(message, "plain") or "",
        html=_body(message, "html"),
        headers={name: str(value) for name, value in message.items()},
    )


def _body(message: EmailMessage, kind: str) -> str | None:
    part = message.get_body((kind,))
    return None if part is None else str(part.get_content()).replace("\r\n", "\n")


def mailer(mail_url: str, mail_from: str, site_name: str = "Steveslist") -> SmtpMailer | MaildirMailer:
    """The mailer that a setting names.

    `maildir:PATH`; `smtps://user:password@host[:465]`; `smtp://[user:password@]host[:587]`, which demands STARTTLS
    unless it ends in `?tls=none`, for a relay on this machine. `?ca=FILE` trusts the authorities of that file.
    """
    url = urlsplit(mail_url)
    sender = Sender(mail_from, site_name)
    if url.scheme == "maildir" and url.path:
        return MaildirMailer(Path(unquote(url.path)), sender)
    if url.scheme in ("smtp", "smtps") and url.hostname:
        return _smtp(url, sender)
    raise _setting("must be maildir:PATH, smtp://host or smtps://host")


def _smtp(url: SplitResult, sender: Sender) -> SmtpMailer:
    options = parse_qs(url.query)
    tls = "implicit" if url.scheme == "smtps" else {"none": "none"}.get(options.get("tls", [""])[0], "starttls")
    if tls == "none" and url.username:
        raise _setting("has a password but no encryption to send it by")
    try:
        port = url.port or {"implicit": 465, "starttls": 587, "none": 25}[tls]
    except ValueError:
        raise _setting("has a port that is not a number from 1 to 65535") from None
    return SmtpMailer(
        host=url.hostname or "",
        port=port,
        sender=sender,
        tls=tls,
        user=unquote(url.username) if url.username else None,
        password=unquote(url.password) if url.password else None,
        authorities=options.get("ca", [None])[0],
    )


def _setting(problem: str) -> MarketError:
    """The URL itself is not repeated: it may hold a password."""
    return MarketError(f"STEVESLIST_MAIL_URL {problem}.", "setting")
