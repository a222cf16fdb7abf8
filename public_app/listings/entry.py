"""The details form: what it shows of a listing, and what it makes of what was typed."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from shared import categories, places
from shared.categories import CONDITIONS, Category
from shared.errors import Invalid
from shared.listings import Details, Listing, check, edition, stated
from shared.money import CURRENCIES, InvalidAmount, decimal_amount, parse_amount
from shared.places import Place
from shared.text import ascii_digits, whole_number
from shared.web.forms import Form

PRICE_WORDS = {"amount": "An amount", "free": "Free", "ask": "On request"}
# The room speaks of columns, the form of what it asks for.
_ASKED = {"city": "place", "lat": "coordinates"}
_POINT = re.compile(r"\s*([+-]?\d{1,3}(?:\.\d{1,15})?)\s*[,; ]\s*([+-]?\d{1,3}(?:\.\d{1,15})?)\s*", re.ASCII)
_CHOICES = 10
_CURRENCIES = [(code, code) for code in CURRENCIES]


@dataclass(frozen=True, slots=True)
class Entry:
    """What a form says: `details` if all is well, else None; `cities` to choose from when several bear the name."""

    details: Details | None
    cities: Sequence[Place]


def form_of(listing: Listing) -> Form:
    """The form filled in with what the listing says."""
    said = stated(listing)
    city = places.find(said.city) if said.city else None
    name = city.full_name if city else ""
    return Form(
        {
            "seen": edition(listing),
            "title": said.title,
            "body": said.body,
            "price_kind": said.price_kind,
            "price_amount": _shown_amount(said),
            "price_currency": said.price_currency or "",
            "negotiable": "1" if said.negotiable else "",
            "condition": said.condition or "",
            "place": name,
            "place_asked": name,
            "city": str(city.id) if city else "",
            "coordinates": f"{said.lat}, {said.lon}" if said.lat is not None else "",
            **{f"fields-{key}": value for key, value in said.fields.items()},
        }
    )


def _shown_amount(said: Details) -> str:
    if said.price_amount is None or not said.price_currency:
        return ""
    return decimal_amount(said.price_amount, said.price_currency)


def read_entry(form: Form, category: Category) -> Entry:
    """Read the details form; what is wrong is noted in `form.errors`, all of it at once."""
    city, cities = _city(form)
    lat, lon = _point(form)
    amount, currency = _price(form, city)
    details = Details(
        title=form["title"],
        body=form["body"],
        price_kind=form["price_kind"],
        price_amount=amount,
        price_currency=currency,
        negotiable=form.ticked("negotiable"),
        condition=form["condition"] or None,
        city=city.id if city else None,
        lat=lat,
        lon=lon,
        fields={field.key: form[f"fields-{field.key}"] for field in category.fields},
    )
    try:
        check(category, details)
    except Invalid as error:
        form.reject({_ASKED.get(name, name.replace(".", "-")): words for name, words in error.fields.items()})
    return Entry(None if form.errors else details, cities)


def _city(form: Form) -> tuple[Place | None, Sequence[Place]]:
    text, chosen = form["place"].strip(), form["city"]
    if text and form["place_asked"].strip() == text and (city := _city_of_id(chosen)):
        return city, ()
    if not text:
        return None, ()
    found = places.search(text, _CHOICES, "city")
    if not found:
        form.reject({"place": "We know no city of this name. Write the nearest town with 15,000 people or more."})
        return None, ()
    named = [place for place in found if places.fold(place.full_name) == places.fold(text)] or found
    if len(named) == 1:
        return named[0], ()
    form.reject({"place": "There are several places that this could be. Choose one below."})
    return None, named


def _city_of_id(text: str) -> Place | None:
    number = whole_number(text)
    place = places.find(number) if number is not None else None
    return place if place and place.kind == "city" else None


def _point(form: Form) -> tuple[float | None, float | None]:
    text = ascii_digits(form["coordinates"].strip())
    if not text:
        return None, None
    match = _POINT.fullmatch(text)
    if not match:
        form.reject({"coordinates": "Write latitude and longitude in degrees, for example 47.2692, 11.4041."})
        return None, None
    return float(match[1]), float(match[2])


def _price(form: Form, city: Place | None) -> tuple[int | None, str | None]:
    currency = form["price_currency"].upper() or None
    if form["price_kind"] != "amount":
        return None, currency
    # Without a city the currency is open; any will do to see whether the amount is one.
    unit = currency or (city.currency if city else "") or "EUR"
    if unit not in CURRENCIES:
        return None, currency
    try:
        return parse_amount(form["price_amount"], unit), currency
    except InvalidAmount as error:
        form.reject({"price_amount": error.message})
        return None, currency


def category_options() -> list[tuple[str, list[tuple[str, str]]]]:
    """Sections with their categories, for a select."""
    return [
        (section.name, [(each.slug, each.name) for each in categories.children(section.slug)])
        for section in categories.SECTIONS
    ]


def form_choices(category: Category) -> dict[str, object]:
    """What the details form of a category offers to choose from, as pairs of value and words."""
    return {
        "category": category,
        "options": {field.key: [(choice, choice) for choice in field.choices] for field in category.fields},
        "conditions": CONDITIONS,
        "prices": [(kind, PRICE_WORDS[kind]) for kind in category.prices],
        "currencies": _CURRENCIES,
    }
