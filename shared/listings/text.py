"""Titles, descriptions and alt texts made plain: what nobody can see or what could disguise a text is taken out.

Taken out without a word, because nobody can find an invisible character to remove it: control characters (C0, C1,
DEL), surrogates, private use, noncharacters, U+FFFD, U+FEFF, zero-width spaces and the bidirectional embeddings,
overrides and isolates (Unicode TR36). Joiners and direction marks stay: words of many scripts need them.
"""

import re
import unicodedata

TITLE_SHORTEST, TITLE_LONGEST = 3, 120
BODY_SHORTEST, BODY_LONGEST = 10, 8000
ALT_LONGEST = 120

_INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2060-\u2069\ufeff\ufdd0-\ufdef\ufff9-\uffff"
    "\ud800-\udfff\ue000-\uf8ff\U000f0000-\U0010ffff]"
)
_LINE_BREAK = re.compile("\r\n?|[\u0085\u2028\u2029\x0b\x0c]")
_SPACES = re.compile(r"[^\S\n]+")
_BLANK_LINES = re.compile(r"\n{3,}")
# More marks than any script stacks on a letter run into the lines above and below.
_MARKS = "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
_STACKED_MARKS = re.compile(f"({_MARKS}{{4}}){_MARKS}+")


def clean_line(text: str) -> str:
    """`text` as one line of NFC text with single spaces. Cleaning twice is cleaning once."""
    return " ".join(clean_text(text).split())


def clean_text(text: str) -> str:
    """`text` as NFC lines without trailing spaces, one blank line in a row at most. Cleaning twice is cleaning once."""
    visible = _INVISIBLE.sub("", _LINE_BREAK.sub("\n", text))
    composed = _STACKED_MARKS.sub(r"\1", unicodedata.normalize("NFC", visible))
    lines = [_SPACES.sub(" ", line).strip() for line in composed.split("\n")]
    return unicodedata.normalize("NFC", _BLANK_LINES.sub("\n\n", "\n".join(lines)).strip())
