"""Takes every database to this code's revision, and refuses to run the code on a fleet that is not there.

Databases are walked one after the other, the directory first. A walk that stopped half way is finished by the next;
a database that is newer than this code stops the walk before anything is touched.
"""

from collections.abc import Callable
from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.exc import SQLAlchemyError

from shared.sharding.bootstrap import initialise
from shared.sharding.engines import Database
from shared.sharding.errors import FleetNotReady
from shared.sharding.fleet import Fleet

HERE = Path(__file__).parent
# A migration never waits long behind live traffic: it gives up, and the operator runs it again.
_LOCK_TIMEOUT = "SET SESSION lock_wait_timeout=5"

Progress = Callable[[str], None]


def upgrade_all(fleet: Fleet, say: Progress = lambda _line: None) -> None:
    """Migrate the directory and every shard to this code's heads, then fill what a new fleet lacks. Idempotent.

    Raises FleetNotReady, before touching anything, when a database cannot be reached or is newer than this code.
    """
    found = [(database, _revision(database)) for database in _databases(fleet)]
    for database, revision in found:
        _refuse_newer(database, revision)
    for database, revision in found:
        head = _script(_history(database)).get_current_head()
        if revision != head:
            say(f"{database.name}: {revision or 'empty'} -> {head}")
            _upgrade(database)
    initialise(fleet)


def require_current(fleet: Fleet) -> None:
    """Refuse a fleet that is not wholly at this code's revisions: FleetNotReady names the first database."""
    for database in _databases(fleet):
        revision = _revision(database)
        _refuse_newer(database, revision)
        if revision != _script(_history(database)).get_current_head():
            raise FleetNotReady(
                f"database {database.name} is at revision {revision or 'none'}, behind this code: "
                "run `python3 run.py migrate`"
            )


def _databases(fleet: Fleet) -> list[Database]:
    return [fleet.directory, *fleet.shards.values()]


def _history(database: Database) -> str:
    return "directory" if database.name == "directory" else "shards"


def config(history: str) -> Config:
    """Alembic's configuration of one history ("directory" or "shards")."""
    found = Config()
    found.set_main_option("script_location", str(HERE / history))
    found.set_main_option("path_separator", "os")
    return found


@cache
def _script(history: str) -> ScriptDirectory:
    return ScriptDirectory.from_config(config(history))


def _revision(database: Database) -> str | None:
    try:
        with database.reader.connect() as connection:
            return MigrationContext.configure(connection).get_current_revision()
    except SQLAlchemyError as error:
        raise FleetNotReady(f"database {database.name} cannot be reached: {_short(error)}") from error


def _short(error: SQLAlchemyError) -> str:
    return str(getattr(error, "orig", None) or error).splitlines()[0]


def _refuse_newer(database: Database, revision: str | None) -> None:
    known = {script.revision for script in _script(_history(database)).walk_revisions()}
    if revision is not None and revision not in known:
        raise FleetNotReady(
            f"database {database.name} is at revision {revision}, which this code does not know: "
            "start the newer code, or restore a backup made before it"
        )


def _upgrade(database: Database) -> None:
    alembic = config(_history(database))
    with database.writer.connect() as connection:
        if not database.is_sqlite:
            connection.exec_driver_sql(_LOCK_TIMEOUT)
            connection.commit()
        alembic.attributes["connection"] = connection
        command.upgrade(alembic, "head")
