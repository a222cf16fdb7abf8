"""Names folded to what people type: no case, no accents, no punctuation; and the ASCII slugs made from them."""

import re
import unicodedata

# Letters that Unicode does not decompose into a base letter and a mark.
_LETTERS = str.maketrans(
    {
        "ł": "l", "ø": "o", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "ŧ": "t", "ŋ": "n", "ƙ": "k", "ɓ": "b", "ɗ": "d",
        "ə": "a", "æ": "ae", "œ": "oe", "þ": "th",
    }
)  # fmt: skip
_APOSTROPHES = str.maketrans(dict.fromkeys("'`´ʹʻʼʽʾʿˈ‘’", ""))
_BREAKS = re.compile(r"[\W_]+")
_NOT_SLUG = re.compile(r"[^a-z0-9]+")


def fold(text: str) -> str:
    """`text` in the form in which names are compared: "São Tomé" -> "sao tome", "L'Aquila" -> "laquila".

    Other scripts stay as they are, without their marks; folding a folded text changes nothing.
    """
    text = text.casefold()
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text.translate(_APOSTROPHES)).casefold()
        text = "".join(letter for letter in text if unicodedata.category(letter) != "Mn").translate(_LETTERS)
    return _BREAKS.sub(" ", text.translate(_APOSTROPHES)).strip()


def slugify(name: str, fallback: str) -> str:
    """An ASCII slug of `name`, or of `fallback` where the name has no Latin letter or digit."""
    return _NOT_SLUG.sub("-", fold(name)).strip("-") or _NOT_SLUG.sub("-", fallback.lower()).strip("-")
