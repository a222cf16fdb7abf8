"""The only read over every shard of a keyspace. The caller says how the answers become one."""

import heapq
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Row, Select, Table, and_, not_, select
from sqlalchemy.orm import Session

from shared.sharding.base import shard_key_of
from shared.sharding.errors import WrongOwner
from shared.sharding.fleet import current
from shared.sharding.models import ScopeState
from shared.sharding.session import on_shard

T = TypeVar("T")
Rows = Sequence[Row[Any]]
Merge = Callable[[list[Rows]], T]
# Copies and remains of moved ranges: rows are there, but another shard speaks for them.
_NOT_OURS = ("inc", "mir", "gone", "hand", "none")
_FOREIGN = (
    select(ScopeState.lo, ScopeState.hi).where(ScopeState.mode.in_(_NOT_OURS)).order_by(ScopeState.lo)
)


def fan_out(statement: Select[Any], parameters: Mapping[str, Any] | None = None, *, keyspace: str, merge: Merge[T]) -> T:
    """Run `statement` on every shard of `keyspace` and merge the answers.

    Rows of ranges that a shard merely mirrors are excluded, so a row counts once even while it moves. Each shard
    answers from a snapshot of its own; the whole is not one instant.
    """
    answers = []
    for name in current().names(keyspace):
        with on_shard(name) as session:
            foreign = visible(session, keyspace, _split_table(statement, keyspace))
            answers.append(session.execute(statement if foreign is None else statement.where(foreign), parameters).all())
    return merge(answers)


def visible(session: Session, keyspace: str, table: Table) -> ColumnElement[bool] | None:
    """The condition that hides other shards' rows in a scan of `table`, or None when there are none to hide."""
    ranges = session.execute(_FOREIGN.where(ScopeState.ks == keyspace)).all()
    if not ranges:
        return None
    key = shard_key_of(table)
    assert key is not None
    return and_(*(not_(key.between(lo, hi - 1)) for lo, hi in ranges))


def _split_table(statement: Select[Any], keyspace: str) -> Table:
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
