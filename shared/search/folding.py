"""A text without what does not tell words apart: case, accents, marks that nobody sees, and many forms of one dash."""

import unicodedata

_DASHES = dict.fromkeys("‐‑‒–—―−", "-")
_LETTERS = str.maketrans({"æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "ł": "l", "ı": "i"} | _DASHES)
_PLAIN = str.maketrans(_DASHES | dict.fromkeys("“”„‟«»″＂", '"') | {"’": "'"})


def fold(text: str) -> str:
    """Lower case without accents, in the plainest letters there are (Unicode NFKD)."""
    if text.isascii():
        return text.lower()
    plain = unicodedata.normalize("NFKD", text).casefold().translate(_LETTERS)
    return "".join(c for c in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(c) and _visible(c))


def readable(text: str) -> str:
    """The text as a person would retype it: composed letters (NFKC), plain quotes and dashes, single spaces."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", "".join(filter(_visible, text))).translate(_PLAIN)
    return " ".join(text.split())


def _visible(character: str) -> bool:
    # Zero-width and direction marks would split or hide a word.
    return unicodedata.category(character) != "Cf"
