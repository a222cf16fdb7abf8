"""What a place is: a country, one of its regions or one of their cities."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["country", "region", "city"]


@dataclass(frozen=True, slots=True)
class Place:
    """A place of the gazetteer.

    `id` is the GeoNames id of a city; countries and regions have negative ids made from their codes alone.
    `path` is what stands in addresses ("at/tyrol/innsbruck"). `country` is the ISO 3166 alpha-2 code ("AT"), `region`
    the GeoNames admin1 key ("AT.07", at most 12 characters) or "" for a country: these two and the city's id are what
    rows elsewhere store. `lat`, `lon` (degrees) and `timezone` of a country or region are those of its largest city,
    and its `population` is that of its cities. `currency` is the ISO 4217 code of the country's currency, "" where it
    has none. `full_name` names the places around it too ("Innsbruck, Tyrol, Austria").
    """

    id: int
    kind: Kind
    name: str
    full_name: str
    slug: str
    path: str
    parent_id: int | None
    country: str
    region: str
    lat: float
    lon: float
    population: int
    timezone: str
    currency: str


def id_of_code(code: str) -> int:
    """The id of the country "AT" or the region "AT.07": negative, one to one, the same for ever.

    The code is read as a number in base 36, so codes of up to ten letters and digits stay within 53 bits.
    """
    return -int(code.replace(".", ""), 36)
