"""What a browse page is about: a place, a category, both or neither, and every word and link that follows from that.

All of it is reference data, so it is made once per topic and process; nothing here depends on listings or readers.
"""

import json
from dataclasses import dataclass
from functools import lru_cache

from markupsafe import Markup

from shared import categories, places
from shared.catalog import Scope
from shared.categories import Category
from shared.places import Place
from shared.web import urls

from . import navigation

# `json.dumps` makes an encoder for each call.
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


@dataclass(frozen=True, slots=True)
class Topic:
    """A browse page before its listings. `crumbs` lead from the start page down to the page itself (name, path)."""

    place: Place | None
    category: Category | None
    scope: Scope
    path: str
    heading: str
    title: str
    description: str
    crumbs: tuple[tuple[str, str], ...]
    crumbs_json: Markup
    wider: tuple[tuple[str, str], ...]
    aside: Markup


@lru_cache(maxsize=4096)
def topic(place_id: int = 0, category_slug: str = "") -> Topic:
    """The topic of a place (0: everywhere) and a category ("": all). Raises UnknownPlace and UnknownCategory."""
    place = places.get(place_id) if place_id else None
    category = categories.get(category_slug) if category_slug else None
    crumbs = (("Home", "/"), *_place_crumbs(place), *_category_crumbs(place, category))
    return Topic(
        place=place,
        category=category,
        scope=Scope.of(place, category),
        path=urls.browse(place.path if place else "", category_slug),
        heading=_named(category, place.name if place else ""),
        title=_named(category, place.full_name if place else ""),
        description=_describe(category, place),
        crumbs=crumbs,
        crumbs_json=_breadcrumb_list(crumbs),
        wider=_wider(place, category),
        aside=navigation.aside(place, category),
    )


def _named(category: Category | None, place: str) -> str:
    if category is None:
        return place
    return f"{category.name} in {place}" if place else category.name


def _describe(category: Category | None, place: Place | None) -> str:
    where = f"in {place.full_name}" if place else "everywhere"
    if category is None:
        return f"The newest classified ads {where}: things for sale, homes, jobs and services. Read and post for free."
    return f"{category.name}: {category.hint}. The newest classified ads {where}, by private people and businesses."


def _place_crumbs(place: Place | None) -> list[tuple[str, str]]:
    if place is None:
        return []
    return [(each.name, urls.browse(each.path)) for each in (*places.ancestors(place), place)]


def _category_crumbs(place: Place | None, category: Category | None) -> list[tuple[str, str]]:
    if category is None:
        return []
    path = place.path if place else ""
    section = [categories.get(category.parent)] if category.parent else []
    return [(each.name, urls.browse(path, each.slug)) for each in (*section, category)]


def _wider(place: Place | None, category: Category | None) -> tuple[tuple[str, str], ...]:
    """Where to look when there is nothing here: the places around, then the section, then everywhere."""
    slug = category.slug if category else ""
    around = places.ancestors(place)[::-1] if place else []
    found = [(_named(category, each.name), urls.browse(each.path, slug)) for each in around]
    if category and place:
        found.append((f"Everything in {place.name}", urls.browse(place.path)))
        found.append((f"{category.name} everywhere", urls.browse("", slug)))
    return tuple(found)


def _breadcrumb_list(crumbs: tuple[tuple[str, str], ...]) -> Markup:
    items = [
        {"@type": "ListItem", "position": position, "name": name, "item": urls.absolute(path)}
        for position, (name, path) in enumerate(crumbs, 1)
    ]
    return json_ld({"@context": "https://schema.org", "@type": "BreadcrumbList", "itemListElement": items})


def json_ld(data: object) -> Markup:
    """JSON for a <script type="application/ld+json">: no character in it can end the element."""
    text = _encode(data)
    return Markup(text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e"))
