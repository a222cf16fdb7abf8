"""What the public site cannot do its work without: every database, Redis, the search index."""

from functools import partial

from shared import queues
from shared.config import Settings
from shared.search import IndexUnavailable, SearchIndex
from shared.sharding import current
from shared.sharding.engines import Database

from .checks import Check


def dependencies(settings: Settings, index: SearchIndex) -> dict[str, Check]:
    """The checks by name, "database u1", "redis", ...; each raises when its dependency does not answer."""
    fleet = current()
    databases = (fleet.directory, *fleet.shards.values())
    checks: dict[str, Check] = {f"database {database.name}": partial(_migrated, database) for database in databases}
    checks["redis"] = queues.connect(settings.redis_url).ping
    checks["search index"] = partial(_answering, index)
    return checks


def _answering(index: SearchIndex) -> None:
    """The index can be asked; without it the site searches titles only."""
    health = index.health()
    if not health.ok:
        raise IndexUnavailable(health.reason or "")


def _migrated(database: Database) -> None:
    """A database answers for this site only if our migrations have been there."""
    with database.engine.connect() as connection:
        connection.exec_driver_sql("SELECT version_num FROM alembic_version").one()
