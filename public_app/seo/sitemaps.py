"""Which sitemaps there are, and what is in each (sitemaps.org protocol 0.9).

Listings are filed under the day they were published, or the hour where a day has too many: an address then never
changes what it stands for, and each is one range of an index.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import lru_cache

from shared import catalog, categories, clock, places
from shared.web import urls

MOST_URLS = 50_000
_CROWDED_DAY = 25_000
_HOUR, _DAY = 3600, 86_400
_OLDEST_DAYS = 400
_LISTINGS = re.compile(r"listings-([0-9]{4}-[0-9]{2}-[0-9]{2})(?:T([0-9]{2}))?", re.ASCII)
_PLACES = re.compile(r"places-([a-z]{2})", re.ASCII)

# (path, last change as seconds or None)
Url = tuple[str, int | None]


def names() -> list[str]:
    """The names of all sitemaps, without listings' days on which nothing is left."""
    return [
        "categories",
        *(f"places-{country.path}" for country in places.countries()),
        *_windows(clock.now() // _HOUR),
    ]


def urls_of(name: str) -> list[Url] | None:
    """What the sitemap `name` holds, None when there is no such sitemap."""
    if name == "categories":
        return [("/", None), *((urls.browse("", slug), None) for slug in categories.TREE)]
    if match := _PLACES.fullmatch(name):
        return _places(match[1])
    if match := _LISTINGS.fullmatch(name):
        return _listings(match[1], match[2])
    return None


def _places(code: str) -> list[Url] | None:
    country = next((each for each in places.countries() if each.path == code), None)
    if country is None:
        return None
    found = [country, *places.regions(country), *places.cities(country)]
    return [(urls.browse(place.path), None) for place in found][:MOST_URLS]


def _listings(day: str, hour: str | None) -> list[Url] | None:
    try:
        start = int(datetime.strptime(f"{day} {hour or '00'}", "%Y-%m-%d %H").replace(tzinfo=UTC).timestamp())
    except ValueError:
        return None
    found = catalog.published_between(start, start + (_HOUR if hour else _DAY), MOST_URLS)
    return [(f"/l/{row.public_id}", row.created_at) for row in found]


@lru_cache(maxsize=1)
def _windows(_this_hour: int) -> list[str]:
    """The days and crowded days' hours since the oldest listing; looked up once an hour."""
    first = catalog.oldest()
    return [] if first is None else list(_days(max(first, clock.now() - _OLDEST_DAYS * _DAY)))


def _days(first: int) -> Iterator[str]:
    for start in range(first // _DAY * _DAY, clock.now() + 1, _DAY):
        if not catalog.published_between(start, start + _DAY, 1):
            continue
        name = f"listings-{datetime.fromtimestamp(start, UTC):%Y-%m-%d}"
        if catalog.crowded(start, start + _DAY, _CROWDED_DAY):
            yield from (f"{name}T{hour:02}" for hour in range(24))
        else:
            yield name
