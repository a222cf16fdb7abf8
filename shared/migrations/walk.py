"""Takes every database to this code's revision, and refuses to run the code on a fleet that is not there.

Databases are walked one after the other, the directory first. A walk that stopped half way is finished by the next;
a database that is newer than this code stops the walk before anything is touched.
"""

from collections.abc import Callable
from functools import cache
from pathlib import Path

from sqlalchemy import inspect, text
from sqlalchemy.exc import SQLAlchemyError

from shared.sharding.bootstrap import initialise
from shared.sharding.engines import Database
from shared.sharding.errors import FleetNotReady
from shared.sharding.fleet import Fleet

_HERE = Path(__file__).parent
_REVISION = text("SELECT version_num FROM alembic_version")

Progress = Callable[[str], None]


def upgrade_all(fleet: Fleet, say: Progress = lambda _line: None) -> None:
    """Migrate the directory and every shard to this code's heads, then fill what a new fleet lacks. Idempotent.

    Raises FleetNotReady, before touching anything, when a database cannot be reached or is newer than this code.
    """
    found = [(database, _revision(database)) for database in _databases(fleet)]
    for database, revision in found:
        _refuse_newer(database, revision)
    for database, revision in found:
        history = _history(database)
        if revision != (head := revisions(history)[-1]):
            from shared.migrations.histories import upgrade

            say(f"{database.name}: {revision or 'empty'} -> {head}")
            upgrade(database, history)
    initialise(fleet)


def require_current(fleet: Fleet) -> None:
    """Refuse a fleet that is not wholly at this code's revisions: FleetNotReady names the first database."""
    for database in _databases(fleet):
        revision = _revision(database)
        _refuse_newer(database, revision)
        if revision != revisions(_history(database))[-1]:
            raise FleetNotReady(
                f"database {database.name} is at revision {revision or 'none'}, behind this code: "
                "run `python3 run.py migrate`"
            )


def _databases(fleet: Fleet) -> list[Database]:
    return [fleet.directory, *fleet.shards.values()]


def _history(database: Database) -> str:
    return "directory" if database.name == "directory" else "shards"


@cache
def revisions(history: str) -> list[str]:
    """The revisions of one history ("directory" or "shards"), oldest first: what the files' names begin with.

    Alembic would tell the same, but every process asks this at its start.
    """
    return sorted(file.name.partition("_")[0] for file in (_HERE / history / "versions").glob("[0-9]*.py"))


def _revision(database: Database) -> str | None:
    try:
        with database.reader.connect() as connection:
            return connection.scalar(_REVISION) if inspect(connection).has_table("alembic_version") else None
    except SQLAlchemyError as error:
        raise FleetNotReady(f"database {database.name} cannot be reached: {_short(error)}") from error


def _short(error: SQLAlchemyError) -> str:
    return str(getattr(error, "orig", None) or error).splitlines()[0]


def _refuse_newer(database: Database, revision: str | None) -> None:
    if revision is not None and revision not in revisions(_history(database)):
        raise FleetNotReady(
            f"database {database.name} is at revision {revision}, which this code does not know: "
            "start the newer code, or restore a backup made before it"
        )
