"""One message to one address: what it consists of, and how it is written down (RFC 5322).

What a message says is rendered elsewhere. Bodies and addresses are never logged and never part of an error.
"""

import hashlib
import re
import secrets
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import policy
from email.headerregistry import Address, BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.utils import format_datetime

from shared import clock
from shared.errors import MarketError

LONGEST_HEADER = 900
# The ASCII form of an address, without the quoting that RFC 5321 allows and no provider gives out.
_ADDRESS = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)*[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
)
_EXTRA_HEADER = re.compile(r"Reply-To|List-[A-Z][A-Za-z-]*|In-Reply-To|References|X-[A-Za-z-]+")


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


class _OneLine(UnstructuredHeader, BaseHeader):
    """A header that is never folded. Python folds an address longer than a line by making encoded words of it, which no
    mail program reads within <...> (RFC 2047, 5)."""

    def fold(self, *, policy: policy.Policy) -> str:
        return f"{self.name}: {self}{policy.linesep}"


# 7bit, because not every relay on the way speaks 8BITMIME. The default is for what the registry does not know: List-*.
POLICY = policy.SMTP.clone(cte_type="7bit", header_factory=HeaderRegistry(default_class=_OneLine))


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
    message = EmailMessage(policy=POLICY)
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
    if not _EXTRA_HEADER.fullmatch(name) or not value.isascii():
        raise MailError("A message cannot set this header.", "mail_header")
    _check_header(value, f"The header {name}")
