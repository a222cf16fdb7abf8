"""Demo listings in words: titles, texts, typed fields and prices that a person might have written."""

import random
import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from shared import categories

_POOL = re.compile(r"\{(\w+)\}")
_FIRST = [
    "Ada",
    "Alma",
    "Amir",
    "Anna",
    "Ben",
    "Bruno",
    "Carla",
    "Chen",
    "Clara",
    "David",
    "Dina",
    "Elif",
    "Emil",
    "Eva",
    "Felix",
    "Fatima",
    "Gina",
    "Hana",
    "Hugo",
    "Ida",
    "Ivan",
    "Jana",
    "Jonas",
    "Karim",
    "Lea",
    "Leo",
    "Lin",
    "Luca",
    "Maja",
    "Marco",
    "Maya",
    "Mila",
    "Nils",
    "Noah",
    "Olga",
    "Omar",
    "Paula",
    "Pia",
    "Rosa",
    "Sami",
    "Sofia",
    "Tariq",
    "Tom",
    "Vera",
    "Yuki",
    "Zoe",
]
_LAST = ["A", "B", "C", "D", "E", "F", "G", "H", "K", "L", "M", "N", "P", "R", "S", "T", "V", "W", "Z"]


@dataclass(frozen=True, slots=True)
class Draft:
    """One listing in words. `price` is in whole units of the place's currency; None asks for an offer, 0 is free."""

    category: str
    title: str
    body: str
    fields: dict[str, str]
    condition: str
    price: int | None
    negotiable: bool
    motifs: tuple[str, ...]


@cache
def _words() -> dict[str, Any]:
    return tomllib.loads((Path(__file__).parent / "words.toml").read_text())


@cache
def _category_names() -> tuple[list[str], list[int]]:
    wanted = _words()["category"]
    return list(wanted), [spec["weight"] for spec in wanted.values()]


def person(rng: random.Random) -> str:
    """A public name."""
    return f"{rng.choice(_FIRST)} {rng.choice(_LAST)}."


def compose(rng: random.Random, city: str, scale: float) -> Draft:
    """A listing of a random category in `city`; `scale` turns a middling currency into the local one (yen: 150)."""
    names, weights = _category_names()
    slug = rng.choices(names, weights)[0]
    spec, category = _words()["category"][slug], categories.get(slug)
    title = _capital(_fill(rng, rng.choice(spec["titles"])))[:110]
    return Draft(
        category=slug,
        title=title,
        body=_body(rng, title, city),
        fields={field.key: value for field in category.fields if (value := _value(rng, field, title))},
        condition=rng.choice(("new", "like-new", "good", "fair")) if category.condition else "",
        price=_price(rng, spec["price"], scale, category.prices),
        negotiable=rng.random() < 0.3,
        motifs=tuple(spec["motifs"]),
    )


def _fill(rng: random.Random, template: str) -> str:
    return _POOL.sub(lambda match: rng.choice(_words()["pools"][match[1]]), template)


def _capital(text: str) -> str:
    # "iPad" is right as it is.
    return text if text[1:2].isupper() else text[:1].upper() + text[1:]


def _body(rng: random.Random, title: str, city: str) -> str:
    opening = rng.choice(
        ("{title}, {state}, {reason}.", "{title} in {city}. It is {state}.", "For sale {reason}: {title}.")
    )
    sentences = [
        _capital(_fill(rng, opening.replace("{title}", title[:1].lower() + title[1:]).replace("{city}", city))),
        _fill(rng, rng.choice(("{pickup}", "{pickup} {closing}", "{closing}"))),
    ]
    if rng.random() < 0.5:
        sentences.insert(1, _fill(rng, "It is {state} and was last used by us in the spring."))
    return "\n\n".join(sentences)


def _price(rng: random.Random, least_most: list[int], scale: float, allowed: tuple[str, ...]) -> int | None:
    least, most = least_most
    if most == 0:
        return 0 if "free" in allowed else None
    if rng.random() < 0.04 and "ask" in allowed:
        return None
    # Cheap things are common: prices spread evenly over their logarithm.
    price = max(1, least) * (most / max(1, least)) ** rng.random() * scale
    step = 1 if price < 50 else 5 if price < 500 else 50 if price < 10_000 else 500
    return max(1, round(price / step) * step)


def _value(rng: random.Random, field: categories.Field, title: str) -> str:
    if not field.required and rng.random() < 0.25:
        return ""
    return _KINDS[field.kind](rng, field, title)


def _text(rng: random.Random, field: categories.Field, title: str) -> str:
    pools = _words()["pools"]
    if field.key == "make":
        return next((make for make in pools["carmake"] if make in title), rng.choice(pools["carmake"]))
    if field.key == "model":
        return next((model for model in pools["carmodel"] if model in title), "")
    return _SIZES[field.key](rng) if field.key in _SIZES else ""


_SIZES: dict[str, Callable[[random.Random], str]] = {
    "size": lambda rng: rng.choice(("S", "M", "L", "XL", "38", "40", "42", "44")),
    "language": lambda rng: rng.choice(("English", "German", "French", "Spanish", "Italian")),
}
_USUAL = {
    "frame_size": (46, 62), "wheel_size": (20, 29), "mileage": (8_000, 240_000), "power": (44, 180), "seats": (2, 7),
    "width": (40, 240), "height": (40, 220), "storage": (32, 1024), "memory": (4, 64), "screen_size": (13, 65),
    "rooms": (1, 6), "area": (14, 160), "plot": (200, 2000), "flatmates": (1, 5),
}  # fmt: skip


def _integer(rng: random.Random, field: categories.Field, _title: str) -> str:
    least, most = _USUAL.get(field.key, (field.minimum or 1, min(field.maximum or 20, 20)))
    return str(rng.randint(max(least, field.minimum or least), min(most, field.maximum or most)))


_KINDS: dict[str, Callable[[random.Random, categories.Field, str], str]] = {
    "text": _text,
    "integer": _integer,
    "year": lambda rng, field, _title: str(rng.randint(max(1995, field.minimum or 1995), 2025)),
    "date": lambda rng, _field, _title: f"2027-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}",
    "choice": lambda rng, field, _title: rng.choice(field.choices),
    "boolean": lambda rng, _field, _title: rng.choice(("yes", "")),
}
