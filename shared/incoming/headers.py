"""What the headers of a mail say: whether a person sent it, and to whom it was addressed."""

import itertools
import re
from email.message import Message

# Of more nobody need know, and to look through megabytes takes long.
LONGEST_VALUE = 20_000
# Between two of our own machines there are a few; RFC 5321, 6.3 wants at least 100 before a loop is assumed.
_MOST_HOPS = 100
_LISTS = ("List-Id", "List-Post", "List-Help", "List-Unsubscribe", "Mailing-List", "X-Mailing-List")
_AUTOMATIC = ("X-Autoreply", "X-Autorespond", "X-Auto-Reply-From", "X-Mail-Autoreply")
_BULK = {"bulk", "junk", "list", "auto_reply", "auto-reply"}
_DELIVERED_TO = ("X-Original-To", "Envelope-To", "Delivered-To", "To", "Cc")
# No pattern for a whole address: on a long word without an @ that would take its length squared.
_PUNCTUATION = ".'`"
_BETWEEN = re.compile(r"[\s<>()\[\],;:\"\\]+")


def text(message: Message, name: str) -> str:
    """A header's value as text, "" when there is none."""
    value = message.get(name)
    return "" if value is None else str(value)


def addresses(value: str) -> list[str]:
    """Whatever looks like an e-mail address in `value`, in order; with punctuation around it, also without that."""
    found = []
    for word in _BETWEEN.split(value):
        pieces = word.split("@")
        bare = [piece.strip(_PUNCTUATION) for piece in pieces]
        pairs = [*itertools.pairwise(bare), *itertools.pairwise(pieces)]
        found += [f"{local}@{domain}" for local, domain in pairs if local and domain]
    return list(dict.fromkeys(found))


def recipients(message: Message) -> tuple[str, ...]:
    """The addresses that it was delivered to or addressed to, the more reliable headers first."""
    values = [str(value)[:LONGEST_VALUE] for name in _DELIVERED_TO for value in message.get_all(name, [])]
    return tuple(dict.fromkeys(address for value in values for address in addresses(value)))


def has_null_sender(message: Message) -> bool:
    """Whether the machine that delivered it saw `MAIL FROM:<>`: nobody is to be answered (RFC 5321, 4.5.5)."""
    return text(message, "Return-Path").strip() == "<>"


def went_in_circles(message: Message) -> bool:
    """Whether it has passed more machines than any mail on a straight way."""
    return len(message.get_all("Received", [])) > _MOST_HOPS


def is_from_list(message: Message) -> bool:
    """Whether a mailing list sent it (RFC 2369, 2919)."""
    return any(name in message for name in _LISTS)


def is_automatic(message: Message) -> bool:
    """Whether a program wrote it: RFC 3834, and what was in use before it. All of our own mails are marked so."""
    submitted = text(message, "Auto-Submitted").partition(";")[0].strip().lower()
    precedence = text(message, "Precedence").strip().lower()
    return submitted not in ("", "no") or precedence in _BULK or any(name in message for name in _AUTOMATIC)
