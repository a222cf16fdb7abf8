"""What a database says that does not answer, whoever asks it."""

import sqlite3

import pytest
from sqlalchemy.exc import DBAPIError, OperationalError

from shared.sharding import on_shard, read, scatter
from shared.sharding.engines import Database
from shared.sharding.session import is_transient
from tests.factories.listings import seller


@pytest.fixture
def locked(tmp_path):
    """A database file that somebody else writes to; nobody waits for it."""
    database = Database("locked", f"sqlite:///{tmp_path}/locked.sqlite")
    with database.reader.connect() as connection:
        connection.exec_driver_sql("PRAGMA busy_timeout=0")
    other = sqlite3.connect(tmp_path / "locked.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    yield database
    other.close()
    database.dispose()


def test_who_cannot_begin_gets_the_error_that_everybody_expects_and_does_not_wait_again(locked):
    with pytest.raises(OperationalError, match="locked") as caught, locked.writer.begin():
        pass
    assert not is_transient(caught.value)


def test_a_connection_that_could_not_begin_can_be_used_again(locked):
    for _ in range(3):
        with pytest.raises(OperationalError, match="locked"), locked.writer.begin():
            pass
    with locked.reader.begin() as connection:
        assert connection.exec_driver_sql("SELECT 1").scalar() == 1


@pytest.fixture
def broken(fleet):
    """An owner on a shard that cannot be asked who may speak for him."""
    owner = seller()
    shard = fleet.placement.lookup("user", owner).shard
    _rename(fleet.shards[shard], "scope_state", "hidden")
    yield owner, shard
    _rename(fleet.shards[shard], "hidden", "scope_state")


def _rename(database: Database, before: str, after: str) -> None:
    with database.writer.begin() as connection:
        connection.exec_driver_sql(f"ALTER TABLE {before} RENAME TO {after}")


def test_what_is_asked_of_the_driver_fails_as_if_sqlalchemy_had_asked(broken):
    owner, shard = broken
    with pytest.raises(DBAPIError), read(owner):
        pass
    with on_shard(shard) as session, pytest.raises(DBAPIError):
        scatter._foreign(session.connection(), "user")
