"""Real databases for every test: a directory, two user shards, one catalogue shard, built by the migrations.

Tests that use `fleet` run once on SQLite and once on MariaDB (`--database sqlite` or `mariadb` picks one).
"""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pymysql
import pytest
from redis import Redis
from sqlalchemy import text

from shared import ids, places
from shared.migrations import upgrade_all
from shared.sharding import Fleet, bootstrap, use
from shared.sharding import fleet as fleet_module
from shared.sharding.base import DirectoryBase, ShardBase
from tests import servers

pytest_plugins = ["tests.journeys.fixtures"]
SHARDS = ("u1", "u2", "c1")
DATABASES = ("sqlite", "mariadb")
# Rows that the migrations and the first start write; they are the same after every test.
_KEPT = {"shard_identity", "scope_state", "shard", "placement", "map_version"}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--database", action="append", choices=DATABASES, help="run database tests on this one only")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "database" in metafunc.fixturenames:
        chosen = metafunc.config.getoption("--database") or DATABASES
        if metafunc.definition.get_closest_marker("sqlite_plans"):
            chosen = [name for name in chosen if name == "sqlite"]
        metafunc.parametrize("database", chosen, scope="session")


@pytest.fixture(autouse=True)
def _id_key() -> None:
    """Anew for each test: what configures an installation of its own brings its own key along."""
    ids.configure(b"the key of the tests, 16 bytes or more")


@pytest.fixture(scope="session", autouse=True)
def _gazetteer(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Compiled once for all workers of a run: their temporary directories lie side by side."""
    places.load(tmp_path_factory.getbasetemp().parent)


@pytest.fixture(scope="session")
def _template(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator["_Template"]:
    template = _SqliteTemplate(tmp_path_factory) if database == "sqlite" else _MariadbTemplate()
    with template:
        yield template


@pytest.fixture
def fleet(_template: "_Template", tmp_path: Path) -> Iterator[Fleet]:
    """An empty, migrated fleet, and the process's current one while the test runs."""
    fleet = _template.fresh(tmp_path)
    before = fleet_module._current
    use(fleet)
    yield fleet
    fleet_module._current = before
    _template.done(fleet)


class _SqliteTemplate:
    """Migrates once; each test gets a copy of the files."""

    def __init__(self, factory: pytest.TempPathFactory) -> None:
        self.home = factory.mktemp("template")

    def __enter__(self) -> "_SqliteTemplate":
        fleet = use(_sqlite_fleet(self.home))
        upgrade_all(fleet)
        fleet.dispose()
        for leftover in (*self.home.glob("*-wal"), *self.home.glob("*-shm")):
            leftover.unlink()
        return self

    def __exit__(self, *_error: object) -> None:
        shutil.rmtree(self.home, ignore_errors=True)

    def fresh(self, tmp_path: Path) -> Fleet:
        home = tmp_path / "db"
        shutil.copytree(self.home, home)
        return _sqlite_fleet(home)

    def done(self, fleet: Fleet) -> None:
        fleet.dispose()


def _sqlite_fleet(home: Path) -> Fleet:
    return Fleet(f"sqlite:///{home}/directory.sqlite", {name: f"sqlite:///{home}/{name}.sqlite" for name in SHARDS})


class _MariadbTemplate:
    """One server for the run and one set of databases, emptied after each test."""

    def __enter__(self) -> "_MariadbTemplate":
        self._server = servers.mariadb()
        try:
            socket = self._server.__enter__()
        except servers.MissingServer as missing:
            pytest.skip(f"needs {missing}")
        with pymysql.connect(unix_socket=socket, user="root", ssl_disabled=True) as connection:
            for name in ("directory", *SHARDS):
                connection.cursor().execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb4 COLLATE utf8mb4_bin")
        self._fleet = use(Fleet(_url(socket, "directory"), {name: _url(socket, name) for name in SHARDS}))
        upgrade_all(self._fleet)
        return self

    def __exit__(self, *_error: object) -> None:
        self._fleet.dispose()
        self._server.__exit__(None, None, None)

    def fresh(self, _tmp_path: Path) -> Fleet:
        return self._fleet

    def done(self, fleet: Fleet) -> None:
        for database in (fleet.directory, *fleet.shards.values()):
            metadata = DirectoryBase.metadata if database is fleet.directory else ShardBase.metadata
            with database.writer.begin() as connection:
                for table in metadata.sorted_tables:
                    if table.name not in _KEPT:
                        connection.execute(text(f"DELETE FROM `{table.name}`"))
                if (
                    database is not fleet.directory
                    and connection.scalar(text("SELECT max(epoch) FROM scope_state")) != 1
                ):
                    connection.execute(text("DELETE FROM scope_state"))
        bootstrap.initialise(fleet)
        fleet.placement.refresh()


def _url(socket: str, name: str) -> str:
    return f"mysql+pymysql://root@localhost/{name}?unix_socket={socket}"


_Template = _SqliteTemplate | _MariadbTemplate


@pytest.fixture(scope="session")
def _valkey() -> Iterator[str]:
    with servers.valkey() as url:
        yield url


@pytest.fixture
def redis(_valkey: str) -> "Iterator[Redis[bytes]]":
    """An empty Redis (the embedded Valkey)."""
    client = Redis.from_url(_valkey)
    client.flushall()
    yield client
    client.close()
