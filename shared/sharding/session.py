"""Sessions bound to one owner for life. Their first statement is the guard: it proves, in the same transaction
and under a lock that a move must take too, that this database may speak for the owner."""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from sqlalchemy import event
from sqlalchemy.engine import Connection
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, SessionTransaction

from shared.sharding.engines import Database, ask_driver
from shared.sharding.errors import ScopeMoved
from shared.sharding.fleet import Fleet, current
from shared.sharding.guards import check_flush, check_statement
from shared.sharding.placement import Range

T = TypeVar("T")
ATTEMPTS = 5
# 1205 lock wait timeout, 1213 deadlock, 1020 record changed, 2006/2013 connection lost, 4031 idle transaction ended.
_MARIADB_TRANSIENT = {1020, 1205, 1213, 2006, 2013, 4031}
_READABLE, _WRITABLE = frozenset(("act", "jrn", "frz")), frozenset(("act", "jrn"))


class OwnerSession(Session):
    """A session that belongs to one owner on one shard; other owners' rows and statements are refused by the guards.

    The methods are overridden rather than hooked by events: an event would build its state for every statement.
    """

    def __init__(self, database: Database, keyspace: str, owner: int, scope: Range, *, write: bool) -> None:
        super().__init__(bind=database.writer if write else database.reader, expire_on_commit=False)
        self.database, self.keyspace, self.owner, self.scope, self.write = database, keyspace, owner, scope, write

    def execute(self, statement: Any, params: Any = None, **options: Any) -> Any:
        check_statement(self, statement, params)
        return super().execute(statement, params, **options)

    def scalar(self, statement: Any, params: Any = None, **options: Any) -> Any:
        check_statement(self, statement, params)
        return super().scalar(statement, params, **options)

    def scalars(self, statement: Any, params: Any = None, **options: Any) -> Any:
        check_statement(self, statement, params)
        return super().scalars(statement, params, **options)


class OwnerConnection:
    """What `glance` gives: a Core connection that reads one owner's rows, under the same guards as a session."""

    __slots__ = ("_connection", "keyspace", "owner", "write")

    def __init__(self, connection: Connection, keyspace: str, owner: int) -> None:
        self._connection, self.keyspace, self.owner, self.write = connection, keyspace, owner, False

    def execute(self, statement: Any, params: Any = None) -> Any:
        """Run a Core select that names the owner; rows have columns, never mapped objects."""
        check_statement(self, statement, params)
        return self._connection.execute(statement, params)


def check_scope(
    database: Database, connection: Connection, keyspace: str, owner: int, scope: Range, *, write: bool
) -> None:
    """Read the scope row; ScopeMoved unless this shard may read (or write) the owner's rows now."""
    rows = ask_driver(connection, database.guard_write if write else database.guard_read, (keyspace, scope.lo))
    row = rows[0] if rows else None
    allowed = _WRITABLE if write else _READABLE
    if row is None or row[0] not in allowed or not scope.lo <= owner < row[1]:
        raise ScopeMoved(keyspace, owner, database.name, row[2] if row else None)


@event.listens_for(OwnerSession, "after_begin")
def _guard(session: OwnerSession, _transaction: SessionTransaction, connection: Connection) -> None:
    check_scope(session.database, connection, session.keyspace, session.owner, session.scope, write=session.write)


@event.listens_for(OwnerSession, "before_flush")
def _check_flush(session: OwnerSession, _context: Any, _instances: Any) -> None:
    check_flush(session)


def _open(keyspace: str, owner: int, begin: Callable[[Database, Range], T]) -> T:
    """What `begin` makes once its guard has passed. Nothing has run yet, so a moved scope is followed right here."""
    fleet = current()
    for attempt in range(ATTEMPTS):
        scope = fleet.placement.lookup(keyspace, owner)
        try:
            return begin(fleet.shard(scope.shard), scope)
        except ScopeMoved as moved:
            if attempt == ATTEMPTS - 1:
                raise
            _follow(fleet, scope, moved, attempt)
    raise AssertionError("unreachable")


def _session(keyspace: str, owner: int, *, write: bool) -> OwnerSession:
    def begin(database: Database, scope: Range) -> OwnerSession:
        session = OwnerSession(database, keyspace, owner, scope, write=write)
        try:
            session.connection()
        except BaseException:
            session.close()
            raise
        return session

    return _open(keyspace, owner, begin)


def _follow(fleet: Fleet, scope: Range, moved: ScopeMoved, attempt: int) -> None:
    if moved.peer and moved.peer != scope.shard:
        fleet.placement.follow(moved.keyspace, scope.lo, moved.peer)
        return
    # Frozen for a hand-over, or carved: wait a moment, then look again.
    time.sleep(random.uniform(0.005, 0.05) * (attempt + 1))
    fleet.placement.refresh()


@contextmanager
def transaction(owner: int, *, keyspace: str = "user") -> Iterator[OwnerSession]:
    """One writing transaction on the owner's shard; commits when the block ends well, else rolls back.

    `owner` is a 31-bit user id, or a city id with `keyspace="city"`.
    """
    session = _session(keyspace, owner, write=True)
    try:
        yield session
        session.commit()
    finally:
        session.close()


@contextmanager
def read(owner: int, *, keyspace: str = "user") -> Iterator[OwnerSession]:
    """One snapshot of the owner's shard; writing through it is refused."""
    session = _session(keyspace, owner, write=False)
    try:
        yield session
    finally:
        session.close()


@contextmanager
def glance(owner: int, *, keyspace: str = "user") -> Iterator[OwnerConnection]:
    """Like `read`, for pages whose every microsecond counts: Core selects only, a third cheaper for two of them."""

    def begin(database: Database, scope: Range) -> Connection:
        connection = database.reader.connect()
        try:
            connection.begin()
            check_scope(database, connection, keyspace, owner, scope, write=False)
        except BaseException:
            connection.close()
            raise
        return connection

    connection = _open(keyspace, owner, begin)
    try:
        yield OwnerConnection(connection, keyspace, owner)
    finally:
        connection.close()


def unit_of_work(owner: int, work: Callable[[OwnerSession], T], *, keyspace: str = "user") -> T:
    """Run `work(session)` in a transaction and rerun all of it when the scope moved or the database asks to retry.

    `work` must do nothing but use the session: it may run up to five times. Returns what its committed run returned.
    """

    def once() -> T:
        with transaction(owner, keyspace=keyspace) as session:
            return work(session)

    return rerun(once)


def rerun(work: Callable[[], T]) -> T:
    """Run `work`, which opens its own transaction; run all of it again, five times at most, while that can help."""
    for attempt in range(ATTEMPTS):
        try:
            return work()
        except (ScopeMoved, OperationalError) as error:
            if attempt == ATTEMPTS - 1 or not is_transient(error):
                raise
            time.sleep(random.uniform(0.005, 0.05) * 2**attempt)
    raise AssertionError("unreachable")


def is_transient(error: Exception) -> bool:
    """Whether running the same unit of work again can succeed."""
    if isinstance(error, ScopeMoved):
        return True
    if not isinstance(error, OperationalError) or error.orig is None:
        return False
    if (error.statement or "").startswith("BEGIN"):
        return False  # SQLite has waited for its turn already: five times BUSY_SECONDS is too long for a page
    arguments: tuple[Any, ...] = error.orig.args
    code = arguments[0] if arguments else None
    return code in _MARIADB_TRANSIENT or (isinstance(code, str) and "locked" in code)


@contextmanager
def directory(*, write: bool = True) -> Iterator[Session]:
    """One transaction on the directory database."""
    database = current().directory
    with Session(bind=database.writer if write else database.reader, expire_on_commit=False) as session:
        yield session
        if write:
            session.commit()


@contextmanager
def on_shard(name: str, *, write: bool = False) -> Iterator[Session]:
    """One transaction on a shard as a whole, for its machinery (relay, sweeps, rebuilds), not for requests.

    Scans through it must exclude ranges that this shard only mirrors: see `scatter.visible`.
    """
    database = current().shard(name)
    with Session(bind=database.writer if write else database.reader, expire_on_commit=False) as session:
        yield session
        if write:
            session.commit()
