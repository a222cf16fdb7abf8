"""Deleting what is past its time: found without a lock, then deleted by primary key, so many rows in a transaction.

A DELETE by a condition would lock the whole range that it reads, and on MariaDB deadlock with whoever inserts there.
"""

from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, bindparam, delete, select
from sqlalchemy.orm import Session

from shared.sharding.base import shard_key_of
from shared.sharding.bulk import bulk
from shared.sharding.scatter import visible
from shared.sharding.session import directory, on_shard, rerun

AT_ONCE = 500


def forget(shard: str, table: Table, old: ColumnElement[bool], limit: int = AT_ONCE) -> int:
    """Delete up to `limit` rows of a split table for which `old` holds, in one transaction; returns how many.

    Run until 0; an index must lead to `old`. Holds the guards of the rows' owners (or cities) and leaves alone what
    the shard only mirrors. Runs again by itself when the database asks for it or a range moved.
    """
    return rerun(partial(_forget_once, shard, table, old, limit))


def _forget_once(shard: str, table: Table, old: ColumnElement[bool], limit: int) -> int:
    key = shard_key_of(table)
    assert key is not None
    keyspace = key.info["shard_key"]
    with on_shard(shard) as session:
        hidden = visible(session, keyspace, table)
        found = _find(session, table, old if hidden is None else and_(old, hidden), limit)
    if found:
        with bulk(shard, keyspace, {row[key.name] for row in found}) as session:
            _delete(session, table, old, found)
    return len(found)


def forget_in_directory(
    table: Table, old: ColumnElement[bool], limit: int = AT_ONCE, *, spare: ColumnElement[bool] | None = None
) -> int:
    """The same for a table of the directory. Rows for which `spare` holds, which may ask about others, are kept."""
    return rerun(partial(_forget_in_directory_once, table, old, limit, spare))


def _forget_in_directory_once(
    table: Table, old: ColumnElement[bool], limit: int, spare: ColumnElement[bool] | None
) -> int:
    with directory(write=False) as session:
        found = _find(session, table, old if spare is None else and_(old, ~spare), limit)
    if found:
        with directory() as session:
            _delete(session, table, old, found)
    return len(found)


def _find(session: Session, table: Table, old: ColumnElement[bool], limit: int) -> list[dict[str, Any]]:
    """The keys of some old rows, in the order in which every transaction deletes them."""
    key = shard_key_of(table)
    columns = list(dict.fromkeys([*table.primary_key, *([] if key is None else [key])]))
    found = session.execute(select(*columns).where(old).limit(limit)).all()
    return [
        {column.name: value for column, value in zip(columns, row, strict=True)} for row in sorted(map(tuple, found))
    ]


def _delete(session: Session, table: Table, old: ColumnElement[bool], found: list[dict[str, Any]]) -> None:
    # Still old: a row may have been given more time since it was found.
    this = and_(*(column == bindparam(f"this_{column.name}") for column in table.primary_key), old)
    rows = [{f"this_{column.name}": row[column.name] for column in table.primary_key} for row in found]
    session.connection().execute(delete(table).where(this), rows)
