"""Finding the places whose name starts with what somebody typed."""

import re
from collections.abc import Iterator

_OWN, _ANY = re.compile(rb"\t(\d+)!"), re.compile(rb"\t(\d+)")


class NameIndex:
    """Lines "folded name, tab, position", sorted, with "!" behind the position where it is the name that we show.

    Searched in place, since a dictionary of them would take five times the memory.
    """

    def __init__(self, text: bytes) -> None:
        self._text = text

    def search(self, folded: str) -> Iterator[int]:
        """Positions with a name that starts with `folded`, in good order and some more than once.

        First those that are called just so, then those whose shown name starts so, then those with another name that
        does (names in other languages are many); each ascending.
        """
        yield from _positions(_ANY, self._lines(folded.encode() + b"\t"))
        lines = self._lines(folded.encode())
        yield from _positions(_OWN, lines)
        yield from _positions(_ANY, lines)

    def _lines(self, head: bytes) -> bytes:
        return self._text[self._boundary(head, after=False) : self._boundary(head, after=True)]

    def _boundary(self, head: bytes, *, after: bool) -> int:
        """Where the lines that start with `head` begin or end: a binary search over lines."""
        low, high = 0, len(self._text)
        while low < high:
            start = max(low, self._text.rfind(b"\n", 0, (low + high) // 2) + 1)
            line = self._text[start : start + len(head)]
            if line < head or (after and line == head):
                low = self._text.find(b"\n", start) + 1 or len(self._text)
            else:
                high = start
        return low


def _positions(pattern: re.Pattern[bytes], lines: bytes) -> list[int]:
    return sorted(set(map(int, pattern.findall(lines))))
