"""The seat belts of an owner's session: no row and no statement of anybody else passes through it.

They catch mistakes, not attackers: a statement on a split table must name the owner in an AND-ed equality.
"""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from sqlalchemy import Table
from sqlalchemy.sql import operators
from sqlalchemy.sql.dml import Insert
from sqlalchemy.sql.elements import BinaryExpression, BindParameter, BooleanClauseList, ClauseElement, ColumnElement
from sqlalchemy.sql.schema import Column

from shared.ids import owner_of
from shared.sharding.base import shard_key_of
from shared.sharding.errors import WrongOwner

if TYPE_CHECKING:
    from shared.sharding.session import OwnerConnection, OwnerSession

# For each split table of a statement: the bound value that names its owner, and whether that value is an id.
Verdict = tuple[tuple[str, "BindParameter[Any] | None", bool], ...]
_verdicts: "WeakKeyDictionary[ClauseElement, Verdict]" = WeakKeyDictionary()


def check_flush(session: "OwnerSession") -> None:
    """Raise WrongOwner when a row about to be written is not the session's owner's."""
    if not session.write:
        raise WrongOwner("this session only reads")
    for row in (*session.new, *session.dirty, *session.deleted):
        key = shard_key_of(row.__table__)
        if key is None or key.info["shard_key"] != session.keyspace:
            raise WrongOwner(f"{row.__table__.name} is not a table of {session.keyspace} sessions")
        if getattr(row, key.key) != session.owner:
            raise WrongOwner(f"a {row.__table__.name} row of {getattr(row, key.key)} in a session of {session.owner}")


def check_statement(session: "OwnerSession | OwnerConnection", statement: Any, parameters: Any) -> None:
    """Raise WrongOwner unless every split table of `statement` is held to the session's owner."""
    verdict = _verdicts.get(statement)
    if verdict is None:
        if isinstance(statement, Insert):
            _check_insert(session, statement, parameters)
            return
        verdict = _verdicts[statement] = _judge(statement)
    if not session.write and statement.is_dml:
        raise WrongOwner("this session only reads")
    for table, bound, is_id in verdict:
        if _value(bound, parameters, is_id) != session.owner:
            raise WrongOwner(f"a statement on {table} does not name owner {session.owner}")


def _value(bound: "BindParameter[Any] | None", parameters: Any, is_id: bool) -> int | None:
    if bound is None:
        return None
    value = bound.value
    if isinstance(parameters, dict):
        value = parameters.get(bound.key, value)
    return owner_of(value) if is_id and isinstance(value, int) else value


def _check_insert(session: "OwnerSession | OwnerConnection", statement: Insert, parameters: Any) -> None:
    if not session.write:
        raise WrongOwner("this session only reads")
    table = statement.table
    key = shard_key_of(table) if isinstance(table, Table) else None
    if key is None or key.info["shard_key"] != session.keyspace:
        raise WrongOwner(f"{table.name} is not a table of {session.keyspace} sessions")
    rows = parameters if isinstance(parameters, list) else [parameters or {}]
    values: Any = statement._values or {}
    inline = next((bound for column, bound in values.items() if getattr(column, "key", column) == key.key), None)
    for row in rows:
        if row.get(key.key, getattr(inline, "value", None)) != session.owner:
            raise WrongOwner(f"an insert into {table.name} does not name owner {session.owner}")


def _judge(statement: ClauseElement) -> Verdict:
    tables, conditions = _parts(statement)
    named: dict[Table, tuple[BindParameter[Any], bool]] = {}
    links: list[tuple[Table, Table]] = []
    for condition in conditions:
        left, right = condition.left, condition.right
        if isinstance(right, BindParameter) and (found := _names_owner(left)):
            named[found[0]] = (right, found[1])
        elif (one := _names_owner(left)) and (other := _names_owner(right)):
            links += [(one[0], other[0]), (other[0], one[0])]
    # An owner named for one table holds for those joined to it on the shard key.
    for _ in links:
        for table, joined in links:
            if table in named:
                named.setdefault(joined, named[table])
    return tuple((table.name, *named.get(table, (None, False))) for table in tables)


def _names_owner(column: Any) -> tuple[Table, bool] | None:
    """The split table whose owner `column` decides, and whether the column holds ids rather than owners."""
    if not isinstance(column, ColumnElement):
        return None
    plain = column._deannotate() if hasattr(column, "_deannotate") else column
    table = getattr(plain, "table", None)
    if not isinstance(plain, Column) or not isinstance(table, Table) or (key := shard_key_of(table)) is None:
        return None
    if plain is key or plain.key == key.key:
        return table, False
    if plain.key == "id" and key.info["shard_key"] == "user":
        return table, True
    return None


def _parts(statement: ClauseElement) -> tuple[set[Table], list[BinaryExpression[Any]]]:
    tables: set[Table] = set()
    equalities: list[BinaryExpression[Any]] = []
    for element in _and_tree(statement):
        if isinstance(element, Table) and shard_key_of(element) is not None:
            tables.add(element)
        elif isinstance(element, BinaryExpression) and element.operator is operators.eq:
            equalities.append(element)
    return tables, equalities


def _and_tree(root: ClauseElement) -> Iterator[ClauseElement]:
    """Every element of a statement, except what stands under an OR: that cannot prove anything."""
    stack, seen = [root], set()
    while stack:
        element = stack.pop()
        if id(element) in seen:
            continue
        seen.add(id(element))
        plain = element._deannotate() if isinstance(element, Table) else element
        yield plain
        if isinstance(element, BooleanClauseList) and element.operator is operators.or_:
            continue
        stack.extend(_children(element))


def _children(element: ClauseElement) -> Iterable[Any]:
    return element.get_children() if not isinstance(element, Column) else ()
