"""The databases of one installation: the directory and the shards of each keyspace. One fleet per process."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from sqlalchemy.engine import make_url

from shared import ids
from shared.sharding.engines import Database
from shared.sharding.errors import FleetNotReady
from shared.sharding.placement import PlacementCache

if TYPE_CHECKING:
    from shared.config import Settings

KEYSPACES = ("user", "city")


class Fleet:
    """Open databases by name. `shards` is ordered as configured; a name's first letter tells its keyspace (u, c)."""

    def __init__(self, directory_url: str, shards: Mapping[str, str], *, pool_size: int = 4) -> None:
        self.directory = Database("directory", directory_url, pool_size)
        self.shards = {name: Database(name, url, pool_size) for name, url in shards.items()}
        self.placement = PlacementCache(self)
        _refuse_shared_databases([self.directory, *self.shards.values()])
        for keyspace in KEYSPACES:
            if not self.names(keyspace):
                raise FleetNotReady(
                    f"the setting `shards` names no {keyspace} shard ({keyspace[0]}1, {keyspace[0]}2, ...)"
                )

    def names(self, keyspace: str) -> list[str]:
        """The shards that may hold ranges of a keyspace."""
        return [name for name in self.shards if name[0] == keyspace[0]]

    def shard(self, name: str) -> Database:
        """A shard by name; FleetNotReady when the settings do not know it."""
        try:
            return self.shards[name]
        except KeyError:
            raise FleetNotReady(f"shard {name} is in the directory but not in the setting `shards`") from None

    def dispose(self, *, close: bool = True) -> None:
        """Close every pooled connection; `close=False` right after a fork."""
        for database in (self.directory, *self.shards.values()):
            database.dispose(close=close)


def _refuse_shared_databases(databases: list[Database]) -> None:
    seen: dict[str, str] = {}
    for database in databases:
        where = make_url(database.url).render_as_string(hide_password=True)
        if where in seen:
            raise FleetNotReady(f"{seen[where]} and {database.name} are the same database: {where}")
        seen[where] = database.name


_current: Fleet | None = None


def configure(settings: "Settings") -> Fleet:
    """Open the fleet that the settings name and make it the process's own, with the key of the public ids.

    The connections of the fleet before it are closed.
    """
    ids.configure(settings.id_key)
    if _current is not None:
        _current.dispose()
    return use(Fleet(settings.directory_url, settings.shards))


def use(fleet: Fleet) -> Fleet:
    """Make `fleet` the one that `transaction`, `read` and the others go to."""
    global _current
    _current = fleet
    return fleet


def current() -> Fleet:
    """The process's fleet; RuntimeError before `configure`."""
    if _current is None:
        raise RuntimeError("shared.sharding.configure(settings) was not called")
    return _current
