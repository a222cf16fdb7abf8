"""Declarative bases of the two kinds of database, and the columns that say who owns a row.

Every table that is split names its key once, by `info={"shard_key": <keyspace>}` on the column: `user` tables by
`owner` (a 31-bit user id), `city` tables by `city`. Tables without such a column are a shard's own machinery.
"""

from functools import cache
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Column, MetaData, Table
from sqlalchemy.dialects import sqlite
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}
# utf8mb4_bin: the two dialects then compare and sort text alike, byte by byte.
_MYSQL = {"mysql_engine": "InnoDB", "mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_bin"}

# SQLite's INTEGER PRIMARY KEY is the table's own B-tree; BIGINT would add a second one.
Id = BigInteger().with_variant(sqlite.INTEGER(), "sqlite")


class _BinaryText:
    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "__table__" in cls.__dict__:
            cls.__dict__["__table__"].dialect_kwargs.update(_MYSQL)


class ShardBase(_BinaryText, DeclarativeBase):
    """Tables that every shard has, whichever keyspace it serves."""

    metadata = MetaData(naming_convention=NAMING)


class DirectoryBase(_BinaryText, DeclarativeBase):
    """Tables of the directory: registries and hints, never a user's data."""

    metadata = MetaData(naming_convention=NAMING)


class OwnedMixin:
    """A user's row: `id` is `owner << 22 | sequence`, checked by the database as well.

    SQLite invents ids for a NULL integer key; the check refuses what it invents.
    """

    id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    owner: Mapped[int] = mapped_column(BigInteger, nullable=False, info={"shard_key": "user"})

    @declared_attr.directive
    def __table_args__(cls) -> tuple[Any, ...]:
        return (owner_check(),)


def owner_check() -> CheckConstraint:
    """The constraint for a model that writes `__table_args__` of its own."""
    return CheckConstraint("(id >> 22) = owner", name="owner")


def table_of(model: type[DeclarativeBase]) -> Table:
    """The Core table of a model, for statements that need no objects."""
    table = model.__table__
    assert isinstance(table, Table)
    return table


@cache
def shard_key_of(table: Table) -> Column[int] | None:
    """The column that decides on which shard a row lives, or None for machinery and directory tables."""
    return next((column for column in table.columns if "shard_key" in column.info), None)
