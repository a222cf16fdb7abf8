"""What people write in a category's fields."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import categories, clock
from shared.categories import validate

CARS, FLATS, TICKETS = (categories.get(slug) for slug in ("cars", "flats-to-rent", "tickets"))


def test_a_full_car_is_read():
    raw = {
        "make": "  Škoda ", "model": "Octavia  Combi", "year": "2019", "mileage": "120,000 km",
        "fuel": "Plug-in hybrid", "gearbox": "", "power": "110",
    }  # fmt: skip
    assert validate(CARS, raw) == (
        {
            "make": "Škoda", "model": "Octavia Combi", "year": 2019, "mileage": 120_000,
            "fuel": "Plug-in hybrid", "power": 110,
        },
        {},
    )  # fmt: skip


def test_what_is_required_must_be_there():
    assert validate(CARS, {"make": " "}) == ({}, {"make": "Please fill this in."})
    assert validate(categories.get("lost-pets"), {}) == ({}, {"report": "Please choose one."})


def test_good_values_stay_beside_errors():
    values, errors = validate(CARS, {"make": "VW", "year": "19"})
    assert values == {"make": "VW"}
    assert set(errors) == {"year"}


@pytest.mark.parametrize(
    ("category", "key", "text", "words"),
    [
        (CARS, "mileage", "-1", "whole number"),
        (CARS, "mileage", "12.5", "whole number"),
        (CARS, "mileage", "1,2,3", "whole number"),
        (CARS, "mileage", "²", "whole number"),
        (CARS, "mileage", "9" * 5000, "whole number"),
        (CARS, "mileage", "2000001", "At most 2000000 km."),
        (CARS, "seats", "0", "At least 1."),
        (CARS, "year", "1885", "At least 1886."),
        (CARS, "year", "2028", "At most 2027."),
        (CARS, "year", "99", "four digits"),
        (CARS, "fuel", "petrol", "one of: Petrol, Diesel"),
        (CARS, "make", "x" * 41, "At most 40 characters."),
        (CARS, "make", "x" * 100_000, "At most 40 characters."),
        (FLATS, "furnished", "maybe", "yes or no"),
        (FLATS, "available_from", "31.01.2026", "2026-01-31"),
        (FLATS, "available_from", "2026-02-30", "2026-01-31"),
        (FLATS, "available_from", "20260131", "2026-01-31"),
        (FLATS, "colour", "red", "no such detail"),
    ],
)
def test_errors_say_what_to_write(category, key, text, words):
    with clock.freeze(1_790_000_000):
        values, errors = validate(category, {key: text})
    assert key not in values
    assert words in errors[key]


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("furnished", "yes", True),
        ("furnished", "ON", True),
        ("furnished", "0", False),
        ("available_from", "2026-01-31", "2026-01-31"),
        ("area", "85 m²", 85),
        ("area", "1'200", 1200),
    ],
)
def test_values_are_typed(key, text, value):
    values, _errors = validate(FLATS, {key: text})
    assert values[key] == value
    assert type(values[key]) is type(value)


@pytest.mark.parametrize("typed", ["V\u202eW", "V\x00W", "\ud800VW", " VW\n", "VW\u200d"])
def test_characters_that_nobody_sees_are_taken_out(typed):
    assert validate(CARS, {"make": typed}) == ({"make": "VW"}, {})


@pytest.mark.parametrize(("key", "typed", "value"), [("mileage", "١٢٠", 120), ("year", "２０１９", 2019)])
def test_numbers_may_be_typed_on_any_keyboard(key, typed, value):
    assert validate(CARS, {key: typed})[0].get(key) == value


def test_html_is_only_text():
    values, errors = validate(CARS, {"make": "<b>VW</b>"})
    assert (values, errors) == ({"make": "<b>VW</b>"}, {})


@given(st.data(), st.sampled_from(categories.CATEGORIES))
def test_any_text_gives_values_or_errors(data, category):
    keys = st.sampled_from([field.key for field in category.fields] or ["x"]) | st.text()
    raw = data.draw(st.dictionaries(keys, st.text(st.characters(exclude_categories=())), max_size=5))
    values, errors = validate(category, raw)
    assert not values.keys() & errors.keys()
    assert values.keys() <= {field.key for field in category.fields}
    assert json.loads(json.dumps(values)) == values


@given(st.sampled_from(categories.CATEGORIES))
def test_read_values_read_the_same_again(category):
    raw = {field.key: _example(field) for field in category.fields}
    values, errors = validate(category, raw)
    assert errors == {}
    assert validate(category, {key: str(value) for key, value in values.items()}) == (values, {})


def _example(field):
    return {
        "text": "ab", "integer": str(field.minimum), "year": "2001", "date": "2001-02-03", "boolean": "yes",
        "choice": field.choices[-1] if field.choices else "",
    }[field.kind]  # fmt: skip
