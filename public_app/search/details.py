"""The fields of a category as filters: how they stand in an address, on the form and in the question to the engine.

A field "year" of numbers is asked for by d_year_from and d_year_to, any other field "brand" by d_brand.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from shared import categories
from shared.categories import Category, Field, Value
from shared.search import DetailFilter
from shared.web.forms import Form

_RANGES = {"integer", "year", "date"}


@dataclass(frozen=True, slots=True)
class Detail:
    """A field that can be filtered by; `filter` is None when nothing is asked of it."""

    field: Field
    filter: DetailFilter | None

    @property
    def names(self) -> tuple[str, ...]:
        """Its parameters: two for a range, else one."""
        return parameters(self.field)

    @property
    def options(self) -> list[tuple[str, str]]:
        """The choices, for a select."""
        return [(choice, choice) for choice in self.field.choices]


def parameters(field: Field) -> tuple[str, ...]:
    """The parameters of a field: where the range begins and ends, or the one value."""
    name = f"d_{field.key}"
    return (f"{name}_from", f"{name}_to") if field.kind in _RANGES else (name,)


def details_of(category: Category, arguments: Mapping[str, str], form: Form) -> tuple[Detail, ...]:
    """The fields that people filter by, and any other of the category that is asked about.

    What cannot be read is noted in `form`.
    """
    asked = [field for field in category.fields if field.facet or any(map(arguments.get, parameters(field)))]
    return tuple(Detail(field, _filter(category, field, arguments, form)) for field in asked)


def _filter(category: Category, field: Field, arguments: Mapping[str, str], form: Form) -> DetailFilter | None:
    values = [_value(category, field, name, arguments.get(name, ""), form) for name in parameters(field)]
    if all(value is None for value in values):
        return None
    if field.kind not in _RANGES:
        return DetailFilter(field.key, value=values[0])
    low, high = (None if value is None else int(str(value).replace("-", "")) for value in values)
    if low is not None and high is not None and low > high:
        low, high = high, low
    return DetailFilter(field.key, minimum=low, maximum=high)


def _value(category: Category, field: Field, name: str, text: str, form: Form) -> Value | None:
    if not text.strip():
        return None
    values, errors = categories.validate(category, {field.key: text})
    if field.key in errors:
        form.reject({name: errors[field.key]})
    return values.get(field.key)
