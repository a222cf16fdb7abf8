"""What people typed or pasted, made plain: one rule for every field of every room, and for the digits of numbers.

Taken out without a word, because nobody can find an invisible character to remove it: control characters (C0, C1,
DEL), surrogates, private use, noncharacters, U+FFFD, soft hyphens, tags, zero-width spaces and letters without a shape,
and the bidirectional embeddings, overrides and isolates (Unicode TR36). Joiners stay after letters that join, direction
marks in text that has letters from right to left: words of many scripts need them. Elsewhere they only disguise.
"""

import re
import unicodedata

_INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180e\u200b\u202a-\u202e\u2060-\u206f\u2800\u3164"
    "\ufdd0-\ufdef\ufeff\uffa0\ufff0-\uffff\ud800-\udfff\ue000-\uf8ff\U000e0000-\U000e00ff\U000f0000-\U0010ffff]"
)
_LINE_BREAK = re.compile("\r\n?|[\u0085\u2028\u2029\x0b\x0c]")
_SPACES = re.compile(r"[^\S\n]+")
_BLANK_LINES = re.compile(r"\n{3,}")
# More marks than any script stacks on a letter run into the lines above and below.
_MARKS = "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
_STACKED_MARKS = re.compile(f"({_MARKS}{{4}}){_MARKS}+")
_DIRECTION_MARKS = re.compile("[\u200e\u200f\u061c]")
_RIGHT_TO_LEFT = re.compile(
    "[\u0590-\u061b\u061d-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]"
)
# Behind nothing, a space, another joiner or what is Latin.
_IDLE_JOINERS = re.compile(r"(?<![^\x00-\u036f\u1e00-\u1eff\s\u200c-\u200f])[\u200c\u200d]+")


def clean_line(text: str) -> str:
    """`text` as one line of NFC text with single spaces. Cleaning twice is cleaning once."""
    return " ".join(clean_text(text).split())


def clean_text(text: str) -> str:
    """`text` as NFC lines without trailing spaces, one blank line in a row at most. Cleaning twice is cleaning once."""
    visible = _INVISIBLE.sub("", _LINE_BREAK.sub("\n", text))
    composed = _STACKED_MARKS.sub(r"\1", _without_idle(unicodedata.normalize("NFC", visible)))
    lines = [_SPACES.sub(" ", line).strip() for line in composed.split("\n")]
    return unicodedata.normalize("NFC", _BLANK_LINES.sub("\n\n", "\n".join(lines)).strip())


def _without_idle(text: str) -> str:
    """`text` without the joiners and direction marks that have nothing to join or to direct."""
    directed = text if _RIGHT_TO_LEFT.search(text) else _DIRECTION_MARKS.sub("", text)
    return _IDLE_JOINERS.sub("", directed)


def ascii_digits(text: str) -> str:
    """`text` with the decimal digits of every script as 0 to 9, for numbers that somebody may type on any keyboard."""
    return text if text.isascii() else "".join(map(_ascii_digit, text))


def _ascii_digit(character: str) -> str:
    value = unicodedata.decimal(character, None)
    return character if value is None else str(value)


def whole_number(text: str, low: int = 0, high: int = 2**53 - 1) -> int | None:
    """The number that `text` writes in one to sixteen digits 0 to 9 and nothing else, if it is from `low` to `high`.

    None for any other text. Use this and not `int`, which takes signs, underscores, spaces and digits of every script.
    """
    if not (text.isascii() and text.isdecimal() and len(text) <= 16):
        return None
    number = int(text)
    return number if low <= number <= high else None
