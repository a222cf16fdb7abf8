"""One mail as a `Letter`: what kind it is, by what it is recognised when it comes twice, and what was typed."""

from dataclasses import dataclass, field
from email import message_from_bytes
from email.errors import MessageError
from email.message import Message
from enum import StrEnum
from hashlib import sha256

from shared.errors import MarketError
from shared.incoming import headers, parts, quotes, reports
from shared.incoming.addresses import Hidden
from shared.text import clean_text

# What is quoted is often long; what is typed beyond the second length is too long anyway, and costs time.
_LONGEST_TEXT, _LONGEST_TYPED = 200_000, 20_000
# The parser keeps every line as a string, and compares it with the boundaries of all parts around it. A photo of 10 MB
# has 140,000 lines; a mail made to keep us busy has millions, in hundreds of parts within each other.
_MOST_COMPARISONS, _COMPARISONS_OF_A_LINE = 20_000_000, 20
# How the sender of a mail about a mail is written: in SMTP, and by Postfix to a pipe.
_NOBODY = frozenset({"", "<>", "mailer-daemon"})


class Kind(StrEnum):
    """Who wrote a mail, as far as its headers say."""

    PERSON = "person"
    AUTOMATIC = "automatic"
    LIST = "list"
    LOOP = "loop"
    BOUNCE = "bounce"


class Malformed(MarketError):
    """Bytes that cannot be read as a mail."""

    code = "malformed_mail"


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail. `key` (16 bytes) is the same whenever this mail comes again, `left_out` counts its attachments.

    `recipients` are the addresses that its headers name, for who delivers without an envelope. `failed` says of a
    bounce that it tells of a failure for good.
    """

    kind: Kind
    key: bytes
    text: str = field(repr=False)
    left_out: int
    recipients: tuple[str, ...] = field(repr=False)
    failed: bool = False


def read(raw: bytes, sender: str | None = None) -> Letter:
    """Read a mail; raises Malformed for what is none. `sender` is the envelope's, None when it is not known."""
    try:
        return _read(raw, sender)
    except (MessageError, LookupError, ValueError, TypeError, AttributeError, AssertionError, RecursionError) as error:
        # What the standard library's parser raises on mails made to break it is not documented, and not one thing.
        raise Malformed(f"This mail cannot be read ({type(error).__name__}).") from None


def _read(raw: bytes, sender: str | None) -> Letter:
    _check_effort(raw)
    message = message_from_bytes(raw)
    if not message.keys():
        raise Malformed("This is not a mail: it has no headers.")
    kind = Kind.BOUNCE if sender is not None and sender.lower() in _NOBODY else _kind(message)
    text, left_out = _typed(message) if kind is Kind.PERSON else ("", 0)
    return Letter(
        kind=kind,
        key=_key(message, raw),
        text=text,
        left_out=left_out,
        recipients=headers.recipients(message),
        failed=kind is Kind.BOUNCE and reports.tells_of_failure(message),
    )


def _check_effort(raw: bytes) -> None:
    lines, parts_within = max(raw.count(b"\n"), raw.count(b"\r")), raw.lower().count(b"boundary")
    if lines * (parts_within + _COMPARISONS_OF_A_LINE) > _MOST_COMPARISONS:
        raise Malformed("This mail has more lines and parts than any that a person writes.")


def _kind(message: Message) -> Kind:
    if reports.is_report(message) or headers.has_null_sender(message):
        return Kind.BOUNCE
    if headers.went_in_circles(message):
        return Kind.LOOP
    if headers.is_from_list(message):
        return Kind.LIST
    return Kind.AUTOMATIC if headers.is_automatic(message) else Kind.PERSON


def _typed(message: Message) -> tuple[str, int]:
    texts, left_out = parts.texts(message)
    whole = "\n\n".join(texts)[:_LONGEST_TEXT]
    # Cleaned first: a character that nobody sees could hide an address from the search.
    return Hidden.of(message).taken_out(clean_text(quotes.typed(whole)[:_LONGEST_TYPED])), left_out


def _key(message: Message, raw: bytes) -> bytes:
    """By its Message-ID, which stays through every retry (RFC 5322, 3.6.4), else by all of it."""
    identity = headers.text(message, "Message-ID").strip().encode("utf-8", "replace")
    return sha256(identity or raw).digest()[:16]
