"""Engines for the two dialects: how a connection is opened, and how a transaction begins on it."""

import ssl
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import URL, Connection, make_url
from sqlalchemy.exc import DBAPIError

from shared.sharding.errors import FleetNotReady

BUSY_SECONDS = 10
# A paused process must not hold a scope's lock for long: the server ends its transaction.
_MARIADB_SESSION = "SET SESSION idle_write_transaction_timeout=5, innodb_lock_wait_timeout=5, time_zone='+00:00'"
# By equality on `lo`: a range condition under this lock deadlocks with a carve.
_GUARD = "SELECT mode, hi, peer FROM scope_state WHERE ks = {p} AND lo = {p}"
_SQLITE_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    f"PRAGMA busy_timeout={BUSY_SECONDS * 1000}",
    "PRAGMA foreign_keys=ON",
    "PRAGMA recursive_triggers=ON",
    "PRAGMA cache_size=-16000",
    "PRAGMA mmap_size=268435456",
    "PRAGMA temp_store=MEMORY",
)


class Database:
    """One database by name, with a reading and a writing face on one connection pool.

    On SQLite a writing transaction begins IMMEDIATE: it takes the write lock before its first read, so that two
    read-modify-write transactions queue instead of failing at COMMIT. On MariaDB both are REPEATABLE READ.
    """

    def __init__(self, name: str, url: str, pool_size: int = 4) -> None:
        self.name = name
        self.url = make_url(url)
        self.engine = _create(self.url, pool_size)
        self.reader = self.engine.execution_options(begin="BEGIN")
        self.writer = self.engine.execution_options(begin="BEGIN IMMEDIATE")
        self.guard_read = _GUARD.format(p="?" if self.is_sqlite else "%s")
        # The shared lock is held to COMMIT; on SQLite BEGIN IMMEDIATE already keeps a move out.
        self.guard_write = self.guard_read if self.is_sqlite else self.guard_read + " LOCK IN SHARE MODE"

    @property
    def is_sqlite(self) -> bool:
        return self.url.get_backend_name() == "sqlite"

    def dispose(self, *, close: bool = True) -> None:
        """Drop pooled connections; `close=False` in a forked child leaves the parent's sockets alone."""
        self.engine.dispose(close=close)


def _create(url: URL, pool_size: int) -> Engine:
    if url.get_backend_name() == "sqlite":
        return _create_sqlite(url, pool_size)
    if url.get_backend_name() in ("mysql", "mariadb"):
        return _create_mariadb(url, pool_size)
    raise FleetNotReady(f"{url.get_backend_name()} is not supported: use sqlite or mysql+pymysql")


def _create_sqlite(url: URL, pool_size: int) -> Engine:
    if url.database and url.database != ":memory:":
        Path(url.database).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    engine = create_engine(
        url,
        pool_size=pool_size,
        max_overflow=16,
        pool_use_lifo=True,
        # autocommit at the driver: BEGIN is ours, below.
        connect_args={"isolation_level": None, "timeout": BUSY_SECONDS, "check_same_thread": False},
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        for pragma in _SQLITE_PRAGMAS:
            connection.execute(pragma)

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        ask_driver(connection, connection.get_execution_options().get("begin", "BEGIN IMMEDIATE"))

    return engine


def _create_mariadb(url: URL, pool_size: int) -> Engine:
    return create_engine(
        url,
        pool_size=pool_size,
        max_overflow=3,
        pool_timeout=2,
        pool_recycle=300,
        pool_pre_ping=True,
        pool_use_lifo=True,
        isolation_level="REPEATABLE READ",
        connect_args={**_tls(url), "charset": "utf8mb4", "connect_timeout": 5, "init_command": _MARIADB_SESSION},
    )


def ask_driver(connection: Connection, statement: str, parameters: tuple[Any, ...] = ()) -> Sequence[Any]:
    """The rows of a statement that every page has: by the driver itself, because SQLAlchemy costs them dear.

    Raises what SQLAlchemy would, which everybody expects who tries again.
    """
    try:
        cursor = connection.connection.cursor()
        try:
            cursor.execute(statement, parameters)
            return cursor.fetchall()
        finally:
            cursor.close()
    except connection.dialect.loaded_dbapi.Error as error:
        base = connection.dialect.loaded_dbapi.Error
        raise DBAPIError.instance(statement, parameters, error, base, dialect=connection.dialect) from error


def _tls(url: URL) -> dict[str, Any]:
    # PyMySQL builds an SSL context for each connect (18 ms); build one, or none where nothing leaves the machine.
    local = "unix_socket" in url.query or url.host in ("localhost", "127.0.0.1", "::1")
    return {"ssl_disabled": True} if local else {"ssl": ssl.create_default_context()}
