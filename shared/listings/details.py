"""The rules for what a listing says: one check for forms, the API and demo data alike."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from shared import categories, places
from shared.categories import CONDITIONS, Category
from shared.errors import Invalid
from shared.money import CURRENCIES, MAX_AMOUNT
from shared.places import Place
from shared.places.gazetteer import kilometres
from shared.text import clean_line, clean_text

TITLE_SHORTEST, TITLE_LONGEST = 3, 120
BODY_SHORTEST, BODY_LONGEST = 10, 8000
# Coordinates further from the city than this are a slip of the pen.
FARTHEST_KM = 150


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """What the seller says. `price_amount` is in minor units, `fields` holds the category's own fields as text."""

    title: str
    body: str
    price_kind: str
    city: int | None
    price_amount: int | None = None
    price_currency: str | None = None
    negotiable: bool = False
    condition: str | None = None
    lat: float | None = None
    lon: float | None = None
    fields: Mapping[str, str] = field(default_factory=dict)


def check(category: Category, details: Details) -> dict[str, Any]:
    """The columns for `details`, cleaned and consistent. Raises Invalid, its keys being column names or `fields.<key>`.

    No currency means that of the city's country.
    """
    errors: dict[str, str] = {}
    city = places.find(details.city) if details.city is not None else None
    if city is None or city.kind != "city":
        errors["city"] = "Say where it is: the name of a city or town."
        city = None
    fields, wrong = categories.validate(category, details.fields)
    columns = {
        "title": _sized(errors, "title", clean_line(details.title), TITLE_SHORTEST, TITLE_LONGEST),
        "body": _sized(errors, "body", clean_text(details.body), BODY_SHORTEST, BODY_LONGEST),
        **_price(errors, category, details, city),
        "condition": _condition(errors, category, details.condition),
        "city": city.id if city else None,
        **_point(errors, details, city),
        "fields": fields,
    }
    errors |= {f"fields.{key}": words for key, words in wrong.items()}
    if errors:
        raise Invalid(errors)
    return columns


def _sized(errors: dict[str, str], name: str, text: str, shortest: int, longest: int) -> str:
    called = {"title": "title", "body": "description"}[name]
    if len(text) < shortest:
        errors[name] = f"Write a {called} of at least {shortest} characters."
    elif len(text) > longest:
        errors[name] = f"Shorten the {called}: it has {len(text):,} characters, and {longest:,} are possible."
    return text


def _price(errors: dict[str, str], category: Category, details: Details, city: Place | None) -> dict[str, Any]:
    kind, amount = details.price_kind, details.price_amount
    if kind not in category.prices:
        errors["price_kind"] = "Choose what kind of price it is."
    if kind != "amount":
        return {"price_kind": kind, "price_amount": None, "price_currency": None, "negotiable": False}
    currency = details.price_currency or (city.currency if city else "")
    if currency not in CURRENCIES and (details.price_currency or city):
        errors["price_currency"] = "Choose a currency from the list."
    if amount is None or not 0 < amount <= MAX_AMOUNT:
        errors["price_amount"] = "Write a price above zero, or choose another kind of price."
    return {"price_kind": kind, "price_amount": amount, "price_currency": currency, "negotiable": details.negotiable}


def _condition(errors: dict[str, str], category: Category, condition: str | None) -> str | None:
    if not condition or not category.condition:
        return None
    if condition not in CONDITIONS:
        errors["condition"] = "Choose one of the conditions shown."
    return condition


def _point(errors: dict[str, str], details: Details, city: Place | None) -> dict[str, float | None]:
    lat, lon = details.lat, details.lon
    if lat is None or lon is None:
        return {"lat": None, "lon": None}
    if not (-90 <= lat <= 90 and -180 <= lon <= 180):
        errors["lat"] = "Latitude is from -90 to 90, longitude from -180 to 180."
    elif city and kilometres(city.lat, city.lon, lat, lon) > FARTHEST_KM:
        errors["lat"] = f"This point is more than {FARTHEST_KM} km from {city.name}."
    # Four decimals are about ten metres: the house, not the room.
    return {"lat": round(lat, 4), "lon": round(lon, 4)}
