"""Of the text of a mail, what its sender typed: without what it answers, wherever that stands, and without a signature.

Every line is looked at a bounded number of times, since the text is a stranger's.
"""

import re
from collections.abc import Sequence

from shared.incoming import phrases

# An attribution ("On Friday Anna wrote:") is wrapped into at most so many lines of at most so many characters.
_MOST_LINES, _LONGEST_LINE = 4, 400
_DIRECTION = re.compile("[\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]")
_QUOTED = re.compile(r"\s{0,3}>")
# Line art above a quote or a footer, and what programs write over the mail they answer or forward.
_RULE = re.compile(r"\s{0,3}(?:_{10,}|-{10,}|={10,})\s*")
_SEPARATOR = re.compile(
    rf"\s{{0,3}}-{{2,}}\s?(?:{'|'.join(phrases.ORIGINAL_MESSAGE)})\s?-{{2,}}\s*|{'|'.join(phrases.FORWARDED)}",
    re.IGNORECASE,
)
_LABELS = tuple(map(frozenset, (phrases.SENDER, phrases.DATE, phrases.RECIPIENT, phrases.SUBJECT)))
_SENDER = 0
_LABEL = re.compile(r"\s{0,3}\*?([^\s:：*][^:：*]{0,19}?)\s?\*?\s?[:：]\*?(?:\s|$)")
_WROTE = re.compile(rf"\b(?:{'|'.join(phrases.WROTE)})\b|{'|'.join(phrases.WROTE_WITHIN_A_WORD)}", re.IGNORECASE)
# With a word, a day of the week or a date.
_OPENER = re.compile(
    rf"\s{{0,3}}(?:(?:{'|'.join(phrases.OPENERS)})\b|\d{{1,4}}[.\-/年]|\d{{1,2}} |[^\W\d_]{{2,4}}[,.] )", re.IGNORECASE
)
_DIGIT, _STAMP = re.compile(r"\d"), re.compile(r"\d.*@|@.*\d|\b(?:19|20)\d\d\b|(?:19|20)\d\d[年년]|\d[:.h]\d\d")
_SENT_FROM = re.compile(rf"(?:{'|'.join(phrases.SENT_FROM)}).{{0,80}}", re.IGNORECASE)


def typed(text: str) -> str:
    """What was typed above, below and between the quotes of `text`; "" when there is nothing else."""
    lines = _DIRECTION.sub("", text).split("\n")
    kept = _without_quotes(lines[: _first_unmarked_quote(lines)])
    return "\n".join(_without_signature(kept)).strip()


def _first_unmarked_quote(lines: Sequence[str]) -> int:
    """Where the mail that is answered begins, when that has no `>` before its lines; else the end."""
    for number, line in enumerate(lines):
        if _SEPARATOR.fullmatch(line[:_LONGEST_LINE]) or _is_header_block(lines[number : number + 6]):
            return number
        if _is_attribution(lines, number, sure=True) and not _is_quoted_below(lines, number):
            return _beginning(lines, number)
    return len(lines)


def _is_header_block(lines: Sequence[str]) -> bool:
    """Whether the first of these lines names a sender and the next ones a date, recipient or subject."""
    if _label_kind(lines[0]) != _SENDER:
        return False
    return len({_label_kind(line) for line in lines} - {None}) >= 3


def _label_kind(line: str) -> int | None:
    found = _LABEL.match(line)
    word = found[1].strip().lower() if found else ""
    return next((kind for kind, words in enumerate(_LABELS) if word in words), None)


def _is_attribution(lines: Sequence[str], number: int, *, sure: bool = False) -> bool:
    """Whether this line ends a sentence that says who wrote the quote which follows, and when.

    `sure` asks for an address, a year or a time, as programs write them: "On the 5th I wrote:" is typed by people.
    """
    end = lines[number].rstrip()
    if not end.endswith((":", "：")) or _QUOTED.match(end) or len(end) > _LONGEST_LINE:
        return False
    sentence = " ".join(lines[_beginning(lines, number) : number + 1])
    dated = (_STAMP if sure else _DIGIT).search(sentence)
    return bool(dated) and (_WROTE.search(sentence) is not None or end.endswith((">:", ">：")))


def _beginning(lines: Sequence[str], number: int) -> int:
    """The line where the sentence that ends in this one began: it may have been wrapped."""
    for first in range(number, max(number - _MOST_LINES, -1), -1):
        if not lines[first].strip() or _QUOTED.match(lines[first]) or len(lines[first]) > _LONGEST_LINE:
            break
        if _OPENER.match(lines[first]) and _DIGIT.search(lines[first]):
            return first
    return number


def _is_quoted_below(lines: Sequence[str], number: int) -> bool:
    """Whether the next line that is not blank is marked as quoted."""
    following = next((line for line in lines[number + 1 : number + 4] if line.strip()), "")
    return _QUOTED.match(following) is not None


def _without_quotes(lines: Sequence[str]) -> list[str]:
    """The lines without those that are marked as quoted, and without the sentences that introduce them."""
    kept: list[int] = []
    for number, line in enumerate(lines):
        if _is_attribution(lines, number) and _is_quoted_below(lines, number):
            first = _beginning(lines, number)
            while kept and kept[-1] >= first:
                kept.pop()
        elif not _QUOTED.match(line):
            kept.append(number)
    return [lines[number] for number in kept]


def _without_signature(lines: Sequence[str]) -> Sequence[str]:
    """The lines down to the mark of a signature, less what telephones and art add at the end."""
    last = next((number for number, line in enumerate(lines) if line.rstrip() == "--"), len(lines))
    while last and (not (line := lines[last - 1].strip()) or _is_added(line)):
        last -= 1
    return lines[:last]


def _is_added(line: str) -> bool:
    return bool(_RULE.fullmatch(line) or (len(line) <= 120 and _SENT_FROM.fullmatch(line)))
