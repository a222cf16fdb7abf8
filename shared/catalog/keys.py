"""Rows by their keys (city, listing), thirty at a time, by one statement that is compiled once.

Not `(city, listing) IN (...)`: SQLite answers a list of row values by reading the whole table.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, bindparam, or_

# As many as a page of results has: keys that are left over cost as much as others.
AT_ONCE = 30
Key = tuple[int, int]
_NOBODY: Key = (-1, -1)


def one_of(table: Table) -> ColumnElement[bool]:
    """The condition that a row of `table` has one of the keys given as `parameters`."""
    return or_(
        *(
            and_(table.c.city == bindparam(f"city_{at}"), table.c.listing == bindparam(f"listing_{at}"))
            for at in range(AT_ONCE)
        )
    )


def parameters(keys: Sequence[Key]) -> dict[str, Any]:
    """The parameters of `one_of` for at most AT_ONCE keys."""
    found: dict[str, Any] = {}
    for at in range(AT_ONCE):
        found[f"city_{at}"], found[f"listing_{at}"] = keys[at] if at < len(keys) else _NOBODY
    return found


def in_turn(keys: Sequence[Key]) -> Iterator[Sequence[Key]]:
    """The keys in runs of at most AT_ONCE."""
    for start in range(0, len(keys), AT_ONCE):
        yield keys[start : start + AT_ONCE]
