"""Lists of links to places and categories, as ready HTML. Reference data only: made once, the same for every reader."""

from collections.abc import Iterable
from functools import lru_cache

from markupsafe import Markup

from shared import categories, places
from shared.categories import Category
from shared.places import Place
from shared.web import urls

# The rest of a crowded country's cities is found by its regions, or by the search for a place.
_MOST_CITIES = 100
_BIG_CITIES = 24
_NEAR_KM, _NEIGHBOURS = 60, 12
_WORLD_CITIES = 40
_BIG_COUNTRIES = 40


def links(pairs: Iterable[tuple[str, str]], kind: str = ' class="links"') -> Markup:
    """(name, path) pairs as a list of links, in columns unless `kind` says otherwise."""
    items = Markup("\n").join(Markup('<li><a href="{}">{}</a></li>').format(path, name) for name, path in pairs)
    return Markup("<ul{}>\n{}\n</ul>").format(Markup(kind), items)


def block(heading: str, pairs: list[tuple[str, str]], id: str = "") -> Markup:
    """A heading over a list of links; nothing at all when there are none."""
    if not pairs:
        return Markup("")
    name = Markup(' id="{}"').format(id) if id else Markup("")
    return Markup("<h2{}>{}</h2>\n{}\n").format(name, heading, links(pairs))


@lru_cache(maxsize=1)
def directory() -> Markup:
    """The start page's links: every section with its categories, then countries and the biggest cities."""
    sections = Markup("").join(
        Markup('<section>\n<h2><a href="{}">{}</a></h2>\n{}\n</section>\n').format(
            urls.browse("", section.slug), section.name, links(_paths(categories.children(section.slug), ""), "")
        )
        for section in categories.SECTIONS
    )
    return Markup('<div class="sections">\n{}</div>\n').format(sections)


@lru_cache(maxsize=1)
def world() -> Markup:
    """The countries, and the biggest cities of all."""
    countries = places.countries()
    biggest = sorted((places.cities(country, 1)[0] for country in countries), key=lambda city: -city.population)
    return block("Big cities", _by_name(biggest[:_WORLD_CITIES])) + block("Countries", _by_name(countries), "places")


def aside(place: Place | None, category: Category | None) -> Markup:
    """What stands beside the listings: narrower categories, then narrower or neighbouring places."""
    return _categories(place, category) + _places(place, category.slug if category else "")


def _categories(place: Place | None, category: Category | None) -> Markup:
    path = place.path if place else ""
    if category is None:
        return block("Categories", _paths(categories.SECTIONS, path), "categories")
    section = category.parent or category.slug
    pairs = [pair for pair in _paths(categories.children(section), path) if pair[0] != category.name]
    return block("Categories" if not category.parent else "Other categories", pairs, "categories")


def _places(place: Place | None, slug: str) -> Markup:
    if place is None:
        biggest = sorted(places.countries(), key=lambda country: -country.population)[:_BIG_COUNTRIES]
        return block("Places", [*_by_name(biggest, slug), ("All countries and cities", "/#places")], "places")
    if place.kind == "city":
        near = [
            other for other, _ in places.near(place.lat, place.lon, _NEAR_KM, _NEIGHBOURS + 1) if other.id != place.id
        ]
        return block("Nearby", _in_order(near, slug), "places")
    if place.kind == "region":
        return block("Cities", _by_name(places.cities(place, _MOST_CITIES), slug), "places")
    big = block("Big cities", _by_name(places.cities(place, _BIG_CITIES), slug), "places")
    return big + block("Regions", _by_name(places.regions(place), slug))


def _paths(found: Iterable[Category], place_path: str) -> list[tuple[str, str]]:
    return [(each.name, urls.browse(place_path, each.slug)) for each in found]


def _in_order(found: Iterable[Place], slug: str = "") -> list[tuple[str, str]]:
    return [(each.name, urls.browse(each.path, slug)) for each in found]


def _by_name(found: Iterable[Place], slug: str = "") -> list[tuple[str, str]]:
    return _in_order(sorted(found, key=lambda each: places.fold(each.name)), slug)
