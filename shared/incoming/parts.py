"""The parts of a mail: which of them hold the text, and how many others there are (MIME, RFC 2045 to 2047)."""

import codecs
from email.message import Message

from shared.incoming import flowed
from shared.incoming.page import lines_of

# Deeper nesting than any mail program makes.
_DEEPEST = 20
# What senders call Latin-1 is, as in browsers, windows-1252 (WHATWG Encoding).
_MEANT = {"iso8859-1": "cp1252", "ascii": "utf-8"}
# Python's own, which no mail uses and which do more than decode.
_NO_CHARSETS = frozenset({"unicode-escape", "raw-unicode-escape", "punycode", "idna", "undefined"})


def texts(message: Message, depth: int = 0) -> tuple[list[str], int]:
    """The texts of a mail in order, and how many attachments it has."""
    if not message.is_multipart():
        return _single(message)
    kind = message.get_content_type()
    if depth == _DEEPEST or not kind.startswith("multipart/"):
        return [], 1
    within = [part for part in message.get_payload() if isinstance(part, Message)]
    if kind == "multipart/alternative":
        return _best([texts(part, depth + 1) for part in within])
    if kind == "multipart/related":
        # The others are pictures within the text, mostly of signatures.
        within = within[:1]
    found = [texts(part, depth + 1) for part in within]
    return [text for each, _ in found for text in each], sum(count for _, count in found)


def _best(alternatives: list[tuple[list[str], int]]) -> tuple[list[str], int]:
    """The plainest alternative with text in it: they come in rising order of richness (RFC 2046, 5.1.4)."""
    return next((each for each in alternatives if any(text.strip() for text in each[0])), ([], 0))


def _single(part: Message) -> tuple[list[str], int]:
    kind = part.get_content_type()
    attached = part.get_content_disposition() == "attachment" or part.get_filename() is not None
    if attached or kind not in ("text/plain", "text/html"):
        return [], 1
    text = _decoded(part)
    if kind == "text/html":
        return [lines_of(text)], 0
    if str(part.get_param("format", "")).lower() == "flowed":
        return [flowed.joined(text, delete_space=str(part.get_param("delsp", "")).lower() == "yes")], 0
    return [text], 0


def _decoded(part: Message) -> str:
    data = part.get_payload(decode=True)
    if not isinstance(data, bytes):
        return ""
    declared = _codec(str(part.get_content_charset("utf-8")))
    for name in (declared, "utf-8"):
        try:
            return _unix_lines(data.decode(name))
        except ValueError:
            continue
    return _unix_lines(data.decode(declared, "replace"))


def _codec(label: str) -> str:
    """Python's name of a charset; UTF-8 for one that does not exist."""
    try:
        codec = codecs.lookup(label)
        # Some of Python's codecs make no text of bytes.
        "a".encode(codec.name)
    except (LookupError, ValueError):
        return "utf-8"
    return "utf-8" if codec.name in _NO_CHARSETS else _MEANT.get(codec.name, codec.name)


def _unix_lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")
