"""One walk over every database, and no start on a fleet that is not wholly there."""

import subprocess
import sys

import pytest
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from shared.migrations import require_current, upgrade_all
from shared.migrations.histories import config
from shared.migrations.walk import revisions
from shared.sharding import DirectoryBase, FleetNotReady, ShardBase, shard_key_of


def set_revision(database, revision: str) -> None:
    with database.writer.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :it"), {"it": revision})


def test_walking_again_changes_nothing_and_the_fleet_is_current(fleet):
    said: list[str] = []
    upgrade_all(fleet, said.append)
    assert said == []
    require_current(fleet)


@pytest.mark.parametrize("name", ["directory", "u2"])
def test_a_fleet_with_one_database_behind_is_refused_by_name(fleet, name):
    database = fleet.directory if name == "directory" else fleet.shards[name]
    with database.writer.begin() as connection:
        connection.execute(text("DELETE FROM alembic_version"))
    try:
        with pytest.raises(FleetNotReady, match=f"database {name} is at revision none"):
            require_current(fleet)
    finally:
        with database.writer.begin() as connection:
            connection.execute(text("INSERT INTO alembic_version VALUES ('0001')"))


def test_a_database_newer_than_the_code_stops_the_walk_before_anything_is_touched(fleet):
    set_revision(fleet.shards["u2"], "9999")
    with fleet.directory.writer.begin() as connection:
        connection.execute(text("DELETE FROM alembic_version"))
    try:
        with pytest.raises(FleetNotReady, match="u2 is at revision 9999, which this code does not know"):
            upgrade_all(fleet)
        with fleet.directory.reader.connect() as connection:
            assert MigrationContext.configure(connection).get_current_revision() is None
    finally:
        set_revision(fleet.shards["u2"], "0001")
        with fleet.directory.writer.begin() as connection:
            connection.execute(text("INSERT INTO alembic_version VALUES ('0001')"))


@pytest.mark.parametrize("history", ["directory", "shards"])
def test_each_history_is_one_line_in_the_order_of_its_file_names(history):
    newest_first = ScriptDirectory.from_config(config(history)).walk_revisions()
    assert [script.revision for script in newest_first] == revisions(history)[::-1]


def test_a_fleet_that_is_current_is_found_so_without_alembic():
    asking = "import sys, shared.migrations; sys.exit('alembic' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", asking]).returncode == 0


def test_the_migrations_build_what_the_models_say(fleet):
    for database, base in ((fleet.directory, DirectoryBase), (fleet.shards["u1"], ShardBase)):
        found = inspect(database.engine)
        assert set(found.get_table_names()) - {"alembic_version"} == set(base.metadata.tables)
        for table in base.metadata.sorted_tables:
            assert {column["name"] for column in found.get_columns(table.name)} == set(table.columns.keys())
            assert {index["name"] for index in found.get_indexes(table.name)} == {index.name for index in table.indexes}


def test_no_split_table_counts_by_itself_or_points_across_owners():
    for table in ShardBase.metadata.sorted_tables:
        assert not table.foreign_keys, table.name
        assert not any(column.autoincrement is True for column in table.columns), table.name
        key = shard_key_of(table)
        if key is not None and "id" in table.columns:
            assert any(
                "(id >> 22) = owner" in str(check.sqltext) for check in table.constraints if hasattr(check, "sqltext")
            ), table.name


def test_the_database_itself_refuses_a_row_whose_id_belongs_to_another_owner(fleet):
    statement = text(
        "INSERT INTO login_session (id, owner, secret_hash, created_at, seen_at, expires_at, agent, network)"
        " VALUES (99, 5, 'x', 1, 1, 1, '', '')"
    )
    with pytest.raises(Exception, match="(?i)constraint"), fleet.shards["u1"].writer.begin() as connection:
        connection.execute(statement)
