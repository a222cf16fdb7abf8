"""The only read over every shard of a keyspace. The caller says how the answers become one."""

import heapq
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, Row, Select, Table, and_, not_
from sqlalchemy.orm import Session

from shared.sharding.base import shard_key_of
from shared.sharding.engines import ask_driver
from shared.sharding.errors import ScopeMoved, WrongOwner
from shared.sharding.fleet import current
from shared.sharding.session import ATTEMPTS

T = TypeVar("T")
Statement = Select[*tuple[Any, ...]]
Rows = Sequence[Row[*tuple[Any, ...]]]
Merge = Callable[[list[Rows]], T]
# Copies and remains of moved ranges: rows are there, but another shard speaks for them.
_FOREIGN = (
    "SELECT lo, hi FROM scope_state WHERE ks = '{}' AND mode IN ('inc', 'mir', 'gone', 'hand', 'none') ORDER BY lo"
)


def fan_out(
    statement: Statement,
    parameters: Mapping[str, Any] | None = None,
    *,
    keyspace: str,
    merge: Merge[T],
    keys: Collection[int] | None = None,
) -> T:
    """Run `statement` on every shard of `keyspace` and merge the answers.

    Rows of ranges that a shard merely mirrors are excluded, so a row counts once even while it moves. Each shard
    answers from a snapshot of its own; the whole is not one instant. With `keys`, only the shards that hold one of
    them are asked; `statement` must then restrict itself to rows of these keys. Raises ScopeMoved when a key stays
    without a shard that may speak for it.
    """
    for attempt in range(ATTEMPTS):
        try:
            return merge([_ask(name, statement, parameters, keyspace, some) for name, some in _shards(keyspace, keys)])
        except ScopeMoved:
            if attempt == ATTEMPTS - 1:
                raise
            time.sleep(0.01 * attempt)
            current().placement.refresh()
    raise AssertionError("unreachable")


def _shards(keyspace: str, keys: Collection[int] | None) -> Iterable[tuple[str, Collection[int]]]:
    if keys is None:
        return [(name, ()) for name in current().names(keyspace)]
    placed: dict[str, list[int]] = {}
    for key in keys:
        placed.setdefault(current().placement.lookup(keyspace, key).shard, []).append(key)
    return placed.items()


def _ask(
    name: str, statement: Statement, parameters: Mapping[str, Any] | None, keyspace: str, keys: Collection[int]
) -> Rows:
    # A bare connection, begun so that both statements see one snapshot: this runs on every browse page.
    with current().shard(name).reader.begin() as connection:
        ranges = _foreign(connection, keyspace)
        if ranges:
            moved = next((key for key in keys for lo, hi in ranges if lo <= key < hi), None)
            if moved is not None:
                raise ScopeMoved(keyspace, moved, name)
            statement = statement.where(_outside(ranges, _split_table(statement, keyspace)))
        return connection.execute(statement, parameters).all()


def visible(session: Session, keyspace: str, table: Table) -> ColumnElement[bool] | None:
    """The condition that hides other shards' rows in a scan of `table`, or None when there are none to hide."""
    ranges = _foreign(session.connection(), keyspace)
    return _outside(ranges, table) if ranges else None


def _foreign(connection: Connection, keyspace: str) -> list[tuple[int, int]]:
    """Ranges [lo, hi) that this shard does not speak for. Straight to the driver: every browse page asks this."""
    return list(ask_driver(connection, _FOREIGN.format(keyspace)))


def _outside(ranges: Iterable[tuple[int, int]], table: Table) -> ColumnElement[bool]:
    key = shard_key_of(table)
    assert key is not None
    return and_(*(not_(key.between(lo, hi - 1)) for lo, hi in ranges))


def _split_table(statement: Statement, keyspace: str) -> Table:
    for source in statement.get_final_froms():
        for table in source._from_objects:
            key = shard_key_of(table) if isinstance(table, Table) else None
            if key is not None and key.info["shard_key"] == keyspace:
                return key.table  # type: ignore[return-value]
    raise WrongOwner(f"a fan-out over {keyspace} needs a table that is split by it")


def keyset_merge(key: Callable[[Row[Any]], Any], limit: int, *, reverse: bool = True) -> Merge[list[Row[Any]]]:
    """Merge answers that each come sorted by `key` (newest first unless `reverse=False`) and keep `limit` rows.

    Each shard's statement must carry the same ORDER BY and at least this LIMIT.
    """

    def merge(answers: list[Rows]) -> list[Row[Any]]:
        if len(answers) == 1:
            return list(answers[0][:limit])
        return list(islice(heapq.merge(*answers, key=key, reverse=reverse), limit))

    return merge


def concatenate(answers: list[Rows]) -> list[Row[Any]]:
    """All rows, in the order of the shards."""
    return [row for answer in answers for row in answer]


def total(answers: Iterable[Rows]) -> int:
    """The sum of one number per shard, such as a count."""
    return sum(answer[0][0] or 0 for answer in answers)


def tally(answers: Iterable[Rows]) -> Counter[str]:
    """The counts of each name over all shards, from rows of a name and its count."""
    counts: Counter[str] = Counter()
    for answer in answers:
        counts.update({row[0]: row[1] for row in answer})
    return counts
