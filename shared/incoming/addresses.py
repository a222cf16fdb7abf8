"""Keeps addresses, and the telephone numbers that the headers give away of a sender, out of what he typed."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message

from shared.incoming.headers import LONGEST_VALUE, addresses
from shared.text import clean_line

INSTEAD = "[left out]"
# In mails of people there are some ten.
_MOST = 200
_SENDERS = ("From", "Reply-To", "Sender", "X-Original-From", "Resent-From")
_NUMBER = re.compile(r"\+?[0-9](?:[ ()./-]{0,3}[0-9]){6,19}")
_SHORTEST_NUMBER = 7
# Bounded, because on a long word without an @ it would take the square of its length. A slash before the @ is one of
# a link to somebody's page.
_ADDRESS = re.compile(r"[^\s<>()\[\],;:\"\\@]{0,63}[^\s<>()\[\],;:\"\\@/]@(?:[\w-]{1,63}\.){1,9}[^\W\d_]{2,24}")


@dataclass(frozen=True, slots=True)
class Hidden:
    """What must not be shown beside what looks like an address anyway: those of any header, however they are written,
    and the digits of numbers in the sender's."""

    addresses: tuple[str, ...]
    numbers: frozenset[str]

    @classmethod
    def of(cls, message: Message) -> "Hidden":
        """What the headers of this mail tell."""
        senders = [_decoded(str(value)[:LONGEST_VALUE]) for name in _SENDERS for value in message.get_all(name, [])]
        others = [str(value)[:LONGEST_VALUE] for value in message.values()]
        found = dict.fromkeys(each for value in senders + others for each in addresses(clean_line(value)))
        # The longest first, so that none is left over in part because another begins like it.
        return cls(tuple(sorted(list(found)[:_MOST], key=len, reverse=True)), frozenset(_numbers(senders)))

    def taken_out(self, text: str) -> str:
        """`text` with a mark in the place of each of them."""
        if self.addresses:
            text = re.sub("|".join(map(re.escape, self.addresses)), INSTEAD, text, flags=re.IGNORECASE)
        text = _ADDRESS.sub(INSTEAD, text)
        return _NUMBER.sub(lambda found: INSTEAD if _digits(found[0]) in self.numbers else found[0], text)


def _numbers(values: list[str]) -> Iterable[str]:
    for value in values:
        for found in _NUMBER.findall(value):
            digits = _digits(found)
            if len(digits) >= _SHORTEST_NUMBER:
                yield digits


def _digits(text: str) -> str:
    return "".join(filter(str.isdigit, text)).lstrip("0")


def _decoded(value: str) -> str:
    """A header's value with its encoded words read (RFC 2047), or as it stands when they are broken."""
    try:
        return str(make_header(decode_header(value)))
    except (MessageError, LookupError, ValueError):
        return value
