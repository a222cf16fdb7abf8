"""Where a key probably lives: a cached hint per process. The guard on the shard has the last word."""

import logging
import threading
import time
from bisect import bisect_right
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import delete, insert, select, update
from sqlalchemy.engine import Connection
from sqlalchemy.exc import SQLAlchemyError

from shared.sharding.errors import FleetNotReady
from shared.sharding.models import MapVersion, Placement, ScopeState

if TYPE_CHECKING:
    from shared.sharding.fleet import Fleet

log = logging.getLogger(__name__)
STALE_AFTER = 5.0
KEYS_END = {"user": 1 << 31, "city": 1 << 31}


class Range(NamedTuple):
    """Keys `lo <= key < hi` are thought to live on `shard`."""

    lo: int
    hi: int
    shard: str


class PlacementCache:
    """The placement of every keyspace, refreshed in the background every few seconds.

    Serves what it has while the directory is down. Nothing is ever wrong because this is old; it only costs a detour.
    """

    def __init__(self, fleet: "Fleet") -> None:
        self._fleet = fleet
        # Lows beside their ranges, replaced together: another thread never sees those of two refreshes.
        self._map: dict[str, tuple[list[int], list[Range]]] = {}
        self._detours: dict[tuple[str, int], str] = {}
        self._loaded_at = 0.0
        self._refreshing = threading.Lock()

    def lookup(self, keyspace: str, key: int) -> Range:
        """The range that holds `key`. Raises FleetNotReady for a key that no range covers."""
        if time.monotonic() - self._loaded_at > STALE_AFTER:
            self._refresh_soon()
        lows, ranges = self._map.get(keyspace, ((), ()))
        at = bisect_right(lows, key) - 1
        if at < 0 or key >= (found := ranges[at]).hi:
            raise FleetNotReady(f"no shard holds {keyspace} {key}: run `python3 run.py migrate`")
        detour = self._detours.get((keyspace, found.lo)) if self._detours else None
        return found if detour is None else found._replace(shard=detour)

    def ranges(self, keyspace: str) -> list[Range]:
        """Every range of a keyspace, in order."""
        if not self._map:
            self.refresh()
        return self._map[keyspace][1] if keyspace in self._map else []

    def follow(self, keyspace: str, lo: int, shard: str) -> None:
        """A guard said that the range now lives on `shard`: believe it until the next refresh."""
        self._detours[keyspace, lo] = shard

    def refresh(self) -> None:
        """Load the placement from the directory now."""
        with self._fleet.directory.reader.connect() as connection:
            rows = connection.execute(
                select(Placement.ks, Placement.lo, Placement.hi, Placement.shard_id).order_by(
                    Placement.ks, Placement.lo
                )
            ).all()
        ranges: dict[str, list[Range]] = {}
        for keyspace, lo, hi, shard in rows:
            ranges.setdefault(keyspace, []).append(Range(lo, hi, shard))
        self._map = {keyspace: ([each.lo for each in found], found) for keyspace, found in ranges.items()}
        self._detours = {}
        self._loaded_at = time.monotonic()

    def _refresh_soon(self) -> None:
        if not self._map:
            with self._refreshing:
                if not self._map:
                    self.refresh()
            return
        if self._refreshing.acquire(blocking=False):
            threading.Thread(target=self._refresh_quietly, name="placement", daemon=True).start()

    def _refresh_quietly(self) -> None:
        try:
            self.refresh()
        except SQLAlchemyError as error:
            self._loaded_at = time.monotonic()
            log.warning("the directory does not answer, serving the placement known so far: %s", type(error).__name__)
        finally:
            self._refreshing.release()


def rebuild(fleet: "Fleet") -> int:
    """Rewrite the directory's placement from what the shards say, by the highest epoch; returns the ranges written.

    Safe at any time and idempotent: the directory holds hints only.
    """
    claims: dict[tuple[str, int], tuple[int, int, str]] = {}
    for name, database in fleet.shards.items():
        with database.reader.connect() as connection:
            for ks, lo, hi, epoch in connection.execute(
                select(ScopeState.ks, ScopeState.lo, ScopeState.hi, ScopeState.epoch).where(
                    ScopeState.mode.in_(("act", "jrn", "frz", "hand"))
                )
            ):
                if (ks, lo) not in claims or claims[ks, lo][0] < epoch:
                    claims[ks, lo] = (epoch, hi, name)
    rows = [
        {"ks": ks, "lo": lo, "hi": hi, "shard_id": name, "epoch": epoch}
        for (ks, lo), (epoch, hi, name) in claims.items()
    ]
    with fleet.directory.writer.begin() as connection:
        connection.execute(delete(Placement))
        if rows:
            connection.execute(insert(Placement), rows)
        for keyspace in {row["ks"] for row in rows}:
            _bump(connection, str(keyspace))
    fleet.placement.refresh()
    return len(rows)


def _bump(connection: Connection, keyspace: str) -> None:
    changed = connection.execute(
        update(MapVersion).where(MapVersion.ks == keyspace).values(version=MapVersion.version + 1)
    ).rowcount
    if not changed:
        connection.execute(insert(MapVersion), {"ks": keyspace, "version": 1})
