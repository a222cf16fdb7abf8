"""The gazetteer in memory: rows as they come from the cache, made into places only when asked for."""

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cached_property, lru_cache
from heapq import merge

from shared.places.folding import fold
from shared.places.names import NameIndex
from shared.places.place import Kind, Place
from shared.places.source import Compiled, Row
from shared.text import whole_number

EARTH_RADIUS_KM = 6371.0088
_KM_PER_DEGREE = math.radians(1) * EARTH_RADIUS_KM
# Places and answers kept at hand; all places as objects would take twice the memory of the rows.
_PLACES, _ANSWERS = 8192, 1024


class Gazetteer:
    """Answers about places by position in `rows`, the most populous first; read-only, so threads share it."""

    def __init__(self, compiled: Compiled) -> None:
        self._rows = compiled.rows
        self._names = NameIndex(compiled.index)
        self._positions = {row[0]: position for position, row in enumerate(self._rows)}
        self._children: defaultdict[int, list[int]] = defaultdict(list)
        for position, row in enumerate(self._rows):
            self._children[row[4]].append(position)
        self.place = lru_cache(_PLACES)(self._place)
        self.matches = lru_cache(_ANSWERS)(self._matches)
        self._by_slug = lru_cache(_ANSWERS)(self._slugs_within)

    def __len__(self) -> int:
        return len(self._rows)

    def position(self, id: int) -> int | None:
        return self._positions.get(id)

    def row(self, position: int) -> Row:
        return Row._make(self._rows[position])

    def at_path(self, path: str) -> int | None:
        """The position of the place at `path`; a slug that ends in a city's id finds it whatever stands before."""
        position = -1
        for slug in path.split("/"):
            found = self._by_slug(position).get(slug)
            if found is None:
                found = self._by_id_in_slug(slug, position)
            if found is None:
                return None
            position = found
        return position

    def children(self, position: int) -> list[int]:
        """Positions of the places right below, the most populous first; those of the countries for -1."""
        return self._children.get(position, [])

    def cities(self, position: int) -> Iterable[int]:
        """Positions of the cities of a country or region (or the city itself), the most populous first."""
        kind = self._rows[position][1]
        if kind == "city":
            return [position]
        if kind == "region":
            return self.children(position)
        return merge(*map(self.children, self.children(position)))

    def near(self, lat: float, lon: float, km: float) -> list[tuple[int, float]]:
        """Positions of cities at most `km` away with their distance, the nearest first."""
        found = []
        for position in self._around(lat, lon, km):
            row = self._rows[position]
            away = kilometres(lat, lon, row[6], row[7])
            if away <= km:
                found.append((position, away))
        return sorted(found, key=lambda pair: (pair[1], pair[0]))

    def _place(self, position: int) -> Place:
        row = self.row(position)
        parent = self.place(row.parent) if row.parent >= 0 else None
        kind: Kind = "country" if row.kind == "country" else "region" if row.kind == "region" else "city"
        return Place(
            id=row.id,
            kind=kind,
            name=row.name,
            full_name=_full_name(row.name, parent),
            slug=row.slug,
            path=f"{parent.path}/{row.slug}" if parent else row.slug,
            parent_id=parent.id if parent else None,
            country=row.code[:2],
            region=row.code if parent else "",
            lat=row.lat,
            lon=row.lon,
            population=row.population,
            timezone=row.timezone,
            currency=row.currency,
        )

    def _slugs_within(self, position: int) -> dict[str, int]:
        return {self._rows[child][3]: child for child in self.children(position)}

    def _by_id_in_slug(self, slug: str, parent: int) -> int | None:
        number = whole_number(slug.rpartition("-")[2])
        position = self.position(number) if number is not None else None
        return position if position is not None and self._rows[position][4] == parent else None

    def _matches(self, text: str, kind: Kind | None, limit: int) -> tuple[int, ...]:
        name, *around = [folded for part in text.split(",") if (folded := fold(part))] or [""]
        if not name:
            return ()
        found: dict[int, None] = {}
        for position in self._names.search(name):
            if kind in (None, self._rows[position][1]) and self._is_within(position, around):
                found[position] = None
                if len(found) == limit:
                    break
        return tuple(found)

    def _is_within(self, position: int, around: list[str]) -> bool:
        """Whether each of these folded texts is the code, or starts the name, of a place above."""
        return all(any(self._answers_to(above, text) for above in self._above(position)) for text in around)

    def _answers_to(self, position: int, text: str) -> bool:
        row = self.row(position)
        return text == row.code.rpartition(".")[2].lower() or fold(row.name).startswith(text)

    def _above(self, position: int) -> Iterator[int]:
        parent = self._rows[position][4]
        while parent >= 0:
            yield parent
            parent = self._rows[parent][4]

    @cached_property
    def _grid(self) -> dict[tuple[int, int], list[int]]:
        grid: defaultdict[tuple[int, int], list[int]] = defaultdict(list)
        for position, row in enumerate(self._rows):
            if row[1] == "city":
                grid[math.floor(row[6]), math.floor(row[7])].append(position)
        return dict(grid)

    def _around(self, lat: float, lon: float, km: float) -> Iterator[int]:
        """Positions of the cities in the one-degree cells that a circle may touch."""
        reach = km / _KM_PER_DEGREE
        south, north = math.floor(max(lat - reach, -90)), math.floor(min(lat + reach, 90))
        narrowest = math.cos(math.radians(min(max(abs(lat - reach), abs(lat + reach)), 90)))
        wide = 180.0 if narrowest * 180 <= reach else min(reach / narrowest, 180.0)
        west, east = math.floor(lon - wide), math.floor(lon + wide)
        columns = {(column + 180) % 360 - 180 for column in range(west, east + 1)}
        for line in range(south, north + 1):
            for column in columns:
                yield from self._grid.get((line, column), ())


def kilometres(lat: float, lon: float, other_lat: float, other_lon: float) -> float:
    """Great-circle distance on the mean sphere, in km (haversine formula; within 0.6 % of the ellipsoid)."""
    a, b = math.radians(lat), math.radians(other_lat)
    half = math.sin((b - a) / 2) ** 2 + math.cos(a) * math.cos(b) * math.sin(math.radians(other_lon - lon) / 2) ** 2
    return 2 * EARTH_RADIUS_KM * math.asin(min(1.0, math.sqrt(half)))


def _full_name(name: str, parent: Place | None) -> str:
    """The name and those around it, none twice in a row: "Vienna, Austria", where the region is Vienna too."""
    if parent is None or parent.name == name:
        return parent.full_name if parent else name
    return f"{name}, {parent.full_name}"
