"""Alembic's part: the two histories and the way up. Imported only to migrate, because it takes long to import."""

from pathlib import Path

from alembic import command
from alembic.config import Config

from shared.sharding.engines import Database

HERE = Path(__file__).parent
# A migration never waits long behind live traffic: it gives up, and the operator runs it again.
_LOCK_TIMEOUT = "SET SESSION lock_wait_timeout=5"


def config(history: str) -> Config:
    """Alembic's configuration of one history ("directory" or "shards")."""
    found = Config()
    found.set_main_option("script_location", str(HERE / history))
    found.set_main_option("path_separator", "os")
    return found


def upgrade(database: Database, history: str) -> None:
    """Take one database to the head of its history."""
    alembic = config(history)
    with database.writer.connect() as connection:
        if not database.is_sqlite:
            connection.exec_driver_sql(_LOCK_TIMEOUT)
            connection.commit()
        alembic.attributes["connection"] = connection
        command.upgrade(alembic, "head")
