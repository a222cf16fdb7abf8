"""The tree that the site has, and what a tree may not say."""

import pytest

from shared import categories
from shared.categories.tree import read_tree

SECTION = '[[section]]\nslug = "s"\nname = "S"\nhint = "h"\n'


def test_the_tree_has_two_levels():
    assert 8 <= len(categories.SECTIONS) <= 12
    assert 50 <= len(categories.CATEGORIES) <= 80
    for category in categories.CATEGORIES:
        section = categories.section_of(category)
        assert section in categories.SECTIONS
        assert category in categories.children(section.slug)
        assert categories.children(category.slug) == ()
    for section in categories.SECTIONS:
        assert categories.section_of(section) is section
        assert section.fields == ()


def test_listings_without_a_category_have_a_place_to_go():
    other = categories.get(categories.OTHER)
    assert not other.is_section
    assert not any(field.required for field in other.fields)


def test_a_category_says_what_its_listings_have():
    cars = categories.get("cars")
    assert cars.parent == "vehicles"
    assert cars.condition
    assert cars.prices == ("amount", "ask")
    assert [field.key for field in cars.facets] == ["make", "model", "year", "mileage", "fuel", "gearbox"]
    assert cars.fields[3].unit == "km"
    assert categories.get("free-stuff").prices == ("free",)
    assert categories.get("jobs-it").price_label == "Pay"


def test_stored_names_fit_their_columns():
    assert all(len(condition) <= 12 for condition in categories.CONDITIONS)
    assert all(len(entry.slug) <= 32 for entry in (*categories.SECTIONS, *categories.CATEGORIES))


@pytest.mark.parametrize("slug", ["", "Cars", "nothing", "for-sale/cars", "\x00", "c" * 9999])
def test_other_slugs_are_unknown(slug):
    for look_up in (categories.get, categories.children):
        with pytest.raises(categories.UnknownCategory):
            look_up(slug)


def with_category(entry: str) -> str:
    return f'{SECTION}category = [{{ slug = "c", name = "C", hint = "h", {entry} }}]'


def with_field(entry: str) -> str:
    return with_category(f'fields = [{{ key = "k", label = "K", {entry} }}]')


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (SECTION, "section s has no categories"),
        (with_category("colour = 1"), "c: unknown colour"),
        (with_category("lifetime_days = 0"), "lifetime_days"),
        (with_category("max_photos = 13"), "max_photos"),
        (with_category('prices = ["cheap"]'), "bad prices"),
        (with_category("prices = []"), "bad prices"),
        (with_category("x = 1").replace('"c"', '"C c"').replace(", x = 1", ""), "bad slug"),
        (with_category("x = 1").replace('"c"', '"s"').replace(", x = 1", ""), "slug twice: s"),
        (with_category("x = 1").replace('name = "C",', "").replace(", x = 1", ""), "c: "),
        (with_field('kind = "colour"'), "unknown kind"),
        (with_field('kind = "choice"'), "has choices"),
        (with_field('kind = "choice", choices = ["a", "a"]'), "choice twice"),
        (with_field('kind = "boolean", choices = ["a"]'), "has choices"),
        (with_field('kind = "integer"'), "a minimum and a maximum"),
        (with_field('kind = "integer", minimum = 2, maximum = 1'), "above maximum"),
        (with_field('kind = "text"'), "1 to 120"),
        (with_field('kind = "boolean", size = 3'), "k: unknown size"),
        (with_field('kind = "boolean"').replace('key = "k"', 'key = "K k"'), "bad key"),
        (with_field('kind = "boolean"}, { key = "k", label = "K", kind = "boolean"'), "field in c twice: k"),
    ],
)
def test_a_tree_that_makes_no_sense_is_refused(text, problem):
    with pytest.raises(categories.BrokenTree, match=problem):
        read_tree(text)
