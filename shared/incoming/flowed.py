"""Paragraphs that a mail program broke into lines, put together again (format=flowed, RFC 3676)."""

from collections.abc import Iterator
from itertools import groupby

_SIGNATURE = "-- "


def joined(text: str, *, delete_space: bool) -> str:
    """`text` with each paragraph in one line; quoted ones keep their marks. `delete_space` is DelSp=yes."""
    lines = [_parts(line) for line in text.split("\n")]
    return "\n".join(
        line for depth, group in groupby(lines, key=_depth) for line in _paragraphs(depth, group, delete_space)
    )


def _parts(line: str) -> tuple[int, str]:
    """How deep it is quoted, and what it says without the space that protects its beginning."""
    words = line.lstrip(">")
    return len(line) - len(words), words.removeprefix(" ")


def _depth(line: tuple[int, str]) -> int:
    return line[0]


def _paragraphs(depth: int, lines: Iterator[tuple[int, str]], delete_space: bool) -> Iterator[str]:
    mark = f"{'>' * depth} " if depth else ""
    pending: list[str] = []
    for _, words in lines:
        if words == _SIGNATURE and pending:
            yield mark + "".join(pending)
            pending = []
        goes_on = words.endswith(" ") and words != _SIGNATURE
        pending.append(words[:-1] if goes_on and delete_space else words)
        if not goes_on:
            yield mark + "".join(pending)
            pending = []
    if pending:
        yield mark + "".join(pending)
