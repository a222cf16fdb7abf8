"""The tree of sections and categories, read from tree.toml and checked when it is imported."""

import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from itertools import islice
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, get_args

from shared.categories.errors import BrokenTree, UnknownCategory

FieldKind = Literal["choice", "integer", "text", "boolean", "year", "date"]
PriceKind = Literal["amount", "free", "ask"]

OTHER = "other"
# What a listing's `condition` may say where its category has one; the keys are stored.
CONDITIONS = {
    "new": "New",
    "like-new": "Like new",
    "good": "Good",
    "fair": "Fair",
    "for-parts": "For parts or repair",
}

_KEY = re.compile(r"[a-z][a-z0-9_]{0,23}", re.ASCII)
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*", re.ASCII)
_MAX_SLUG = 32


@dataclass(frozen=True, slots=True)
class Field:
    """A detail that listings of a category have.

    `minimum` and `maximum` bound the number or year; for text, `maximum` is the length. The value of a choice is one of
    `choices` as written. `facet` says that people filter by it.
    """

    key: str
    label: str
    kind: FieldKind
    unit: str = ""
    choices: tuple[str, ...] = ()
    minimum: int | None = None
    maximum: int | None = None
    required: bool = False
    facet: bool = False


@dataclass(frozen=True, slots=True)
class Category:
    """A section (`parent` is None; it holds no listings itself) or one of its categories.

    `prices` are the kinds of price that its listings may have, the first one being the usual; `price_label` is what the
    price means here. `condition` says whether its listings have one of CONDITIONS.
    """

    slug: str
    name: str
    hint: str
    parent: str | None = None
    lifetime_days: int = 60
    prices: tuple[PriceKind, ...] = ("amount", "free", "ask")
    price_label: str = "Price"
    condition: bool = False
    max_photos: int = 12
    fields: tuple[Field, ...] = ()

    @property
    def is_section(self) -> bool:
        return self.parent is None

    @property
    def facets(self) -> tuple[Field, ...]:
        """The fields that people filter by."""
        return tuple(field for field in self.fields if field.facet)


def read_tree(text: str) -> dict[str, Category]:
    """Sections and categories by slug, each section before its own, in the order of the file. Raises BrokenTree."""
    data = tomllib.loads(text)
    found = list(_categories(data.get("section", []), data.get("shared", {})))
    _refuse_repeated((category.slug for category in found), "slug")
    for category in found:
        _check(category)
    return {category.slug: category for category in found}


def _categories(sections: list[dict[str, Any]], shared: dict[str, Any]) -> Iterator[Category]:
    for section in sections:
        members = section.pop("category", [])
        if not members:
            raise BrokenTree(f"section {section.get('slug')} has no categories")
        yield _made(Category, section)
        for member in members:
            if isinstance(name := member.get("fields"), str):
                member = shared[name] | member | {"fields": shared[name]["fields"]}
            yield _made(Category, member | {"parent": section["slug"]})


def _made(kind: type[Any], entry: dict[str, Any]) -> Any:
    unknown = entry.keys() - {field.name for field in fields(kind)}
    if unknown:
        raise BrokenTree(f"{entry.get('slug') or entry.get('key')}: unknown {', '.join(sorted(unknown))}")
    values = {key: tuple(value) if isinstance(value, list) else value for key, value in entry.items()}
    if "fields" in values:
        values["fields"] = tuple(_made(Field, field) for field in values["fields"])
    try:
        return kind(**values)
    except TypeError as error:
        raise BrokenTree(f"{entry.get('slug') or entry.get('key')}: {error}") from error


def _check(category: Category) -> None:
    _require(bool(_SLUG.fullmatch(category.slug)) and len(category.slug) <= _MAX_SLUG, category.slug, "bad slug")
    _require(bool(category.name and category.hint), category.slug, "needs a name and a hint")
    _require(1 <= category.lifetime_days <= 365, category.slug, "lifetime_days is 1 to 365")
    _require(0 <= category.max_photos <= 12, category.slug, "max_photos is 0 to 12")
    _require(bool(category.prices) and {*category.prices} <= {*get_args(PriceKind)}, category.slug, "bad prices")
    _refuse_repeated((field.key for field in category.fields), f"field in {category.slug}")
    for field in category.fields:
        _check_field(field, f"{category.slug}.{field.key}")


def _check_field(field: Field, where: str) -> None:
    _require(bool(_KEY.fullmatch(field.key)), where, "bad key")
    _require(bool(field.label), where, "needs a label")
    _require(field.kind in get_args(FieldKind), where, f"unknown kind {field.kind}")
    _require((field.kind == "choice") == bool(field.choices), where, "a choice, and nothing else, has choices")
    _require(len({*field.choices}) == len(field.choices), where, "has a choice twice")
    if field.kind == "integer":
        _require(None not in (field.minimum, field.maximum), where, "an integer has a minimum and a maximum")
    if field.kind == "text":
        _require(field.minimum is None and 1 <= (field.maximum or 0) <= 120, where, "a text is 1 to 120 long at most")
    if field.minimum is not None and field.maximum is not None:
        _require(field.minimum <= field.maximum, where, "minimum is above maximum")


def _require(holds: bool, where: str, problem: str) -> None:
    if not holds:
        raise BrokenTree(f"{where}: {problem}")


def _refuse_repeated(names: Iterable[str], what: str) -> None:
    repeated = [name for name, count in Counter(names).items() if count > 1]
    if repeated:
        raise BrokenTree(f"{what} twice: {', '.join(repeated)}")


TREE = MappingProxyType(read_tree(Path(__file__).with_name("tree.toml").read_text(encoding="utf-8")))
_CHILDREN = {section: tuple(category for category in TREE.values() if category.parent == section) for section in TREE}
SECTIONS = tuple(category for category in TREE.values() if category.is_section)
CATEGORIES = tuple(category for category in TREE.values() if not category.is_section)
_BY_NAME = {category.name.casefold(): category for category in TREE.values()}


def get(slug: str) -> Category:
    """The section or category with this slug. Raises UnknownCategory."""
    try:
        return TREE[slug]
    except KeyError:
        raise UnknownCategory("There is no such category.") from None


def children(slug: str) -> tuple[Category, ...]:
    """The categories of a section, in their order; none for a category. Raises UnknownCategory."""
    return _CHILDREN[get(slug).slug]


def section_of(category: Category) -> Category:
    """The section that `category` is in; a section is in itself."""
    return category if category.parent is None else TREE[category.parent]


def named(name: str) -> Category | None:
    """The category or section of this name, whatever the case."""
    return _BY_NAME.get(name.casefold())


def beginning(text: str, limit: int = 3) -> list[Category]:
    """Categories and sections with a name in which every word of `text` begins a word."""
    words = text.casefold().split()
    found = (each for each in TREE.values() if all(_begins(word, each.name.casefold()) for word in words))
    return list(islice(found, limit)) if words else []


def _begins(start: str, name: str) -> bool:
    return any(word.startswith(start) for word in name.split())
