"""The gazetteer as the site uses it, over all of its places."""

import math
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import places
from shared.money import CURRENCIES
from shared.places.gazetteer import kilometres
from shared.places.place import id_of_code
from shared.places.source import region_names


@pytest.fixture(scope="module")
def everywhere():
    countries = places.countries()
    regions = [region for country in countries for region in places.regions(country)]
    return countries + regions + [city for country in countries for city in places.cities(country)]


@pytest.fixture
def innsbruck():
    return places.by_path("at/tyrol/innsbruck")


def test_a_city_knows_where_it_is(innsbruck):
    assert innsbruck.id == 2775220
    assert innsbruck.kind == "city"
    assert innsbruck.full_name == "Innsbruck, Tyrol, Austria"
    assert (innsbruck.country, innsbruck.region) == ("AT", "AT.07")
    assert (innsbruck.timezone, innsbruck.currency) == ("Europe/Vienna", "EUR")
    assert [place.path for place in places.ancestors(innsbruck)] == ["at", "at/tyrol"]
    assert places.get(2775220) == innsbruck


def test_there_are_cities_worldwide(everywhere):
    kinds = Counter(place.kind for place in everywhere)
    assert kinds["country"] > 240
    assert kinds["region"] > 2_500
    assert kinds["city"] > 30_000


def test_paths_are_unique_ascii_and_lead_back(everywhere):
    assert len({place.path for place in everywhere}) == len(everywhere)
    for place in everywhere:
        assert place.path.isascii()
        assert place.path == place.path.lower()
        assert all(part.replace("-", "").isalnum() for part in place.path.split("/"))
        assert places.by_path(place.path) == place


def test_ids_are_unique_and_those_of_codes_are_below_zero(everywhere):
    assert len({place.id for place in everywhere}) == len(everywhere)
    for place in everywhere:
        assert (place.id > 0) == (place.kind == "city")
        assert abs(place.id) < 2**53
        assert places.get(place.id) == place


def test_every_place_hangs_under_its_country(everywhere):
    depth = {"country": 0, "region": 1, "city": 2}
    for place in everywhere:
        above = places.ancestors(place)
        assert len(above) == depth[place.kind]
        assert all(place.path.startswith(f"{parent.path}/") for parent in above)
        assert place.country == place.path[:2].upper()
        assert len(place.region) <= 12
        assert (place.region == "") == (place.kind == "country")


def test_ids_of_codes_never_change():
    assert id_of_code("AT") == -(10 * 36 + 29) == places.country("AT").id
    assert id_of_code("AT.07") == -504151 == places.region("AT.07").id


def test_nearly_every_region_has_its_name(everywhere):
    names = region_names()
    regions = [place for place in everywhere if place.kind == "region" and not place.region.endswith(".00")]
    unnamed = [place for place in regions if place.region not in names]
    assert len(unnamed) <= len(regions) / 200
    for place in unnamed:
        assert place.name == f"{places.cities(place, 1)[0].name} area"


def test_cities_without_a_region_are_in_one_that_bears_the_countrys_name():
    region = places.region("MR.00")
    assert region.name == "Mauritania"
    assert [city.full_name for city in places.cities(region)] == ["Nouakchott, Mauritania"]


def test_cities_come_by_population():
    cities = places.cities(places.country("at"), 4)
    assert cities[0].full_name == "Vienna, Austria"
    assert [city.population for city in cities] == sorted((city.population for city in cities), reverse=True)
    assert places.cities(cities[0]) == [cities[0]]
    assert len(places.cities(places.region("AT.07"), 3)) == 3


def test_regions_come_by_name():
    names = [region.name for region in places.regions(places.country("AT"))]
    assert len(names) == 9
    assert names == sorted(names)
    assert places.regions(places.region("AT.07")) == []


def test_a_changed_name_still_leads_to_the_city(innsbruck):
    assert places.by_path("at/tyrol/former-name-2775220") == innsbruck


@pytest.mark.parametrize(
    "path", ["", "/", "at/", "/at", "xx", "AT", "at/tyrol/innsbruck/", "at/tyrol/innsbruck/x", "at/../de", "de/tyrol"]
    + ["at/styria/innsbruck-2775220", "at/tyrol/x-2775220000000000000000", "at/tyrol/x-²", "at-2775220", "\x00", "-1"],
)  # fmt: skip
def test_other_paths_are_unknown(path):
    with pytest.raises(places.UnknownPlace):
        places.by_path(path)


@pytest.mark.parametrize("code", ["", "AT", "AT.99", "at.07", "AT.", "AT.0 7", "AT.ÄÖ", ".07", "AT.123456789"])
def test_other_region_codes_are_unknown(code):
    with pytest.raises(places.UnknownPlace):
        places.region(code)


def test_unknown_ids_and_countries_are_refused():
    assert places.find(1) is None
    for look_up in (lambda: places.get(1), lambda: places.get(-1), lambda: places.country("zz")):
        with pytest.raises(places.UnknownPlace):
            look_up()


def test_every_currency_of_a_country_is_one_of_ours():
    assert places.country("at").currency == "EUR"
    for country in places.countries():
        assert country.currency in CURRENCIES


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("innsbruck", "Innsbruck, Tyrol, Austria"),
        ("  InNsBr ", "Innsbruck, Tyrol, Austria"),
        ("Innsbruck, Tyrol, Austria", "Innsbruck, Tyrol, Austria"),
        ("wien", "Vienna, Austria"),
        ("Wien, AT", "Vienna, Austria"),
        ("vienna, virginia", "Vienna, Virginia, United States"),
        ("springfield, il", "Springfield, Illinois, United States"),
        ("sao paulo", "São Paulo, Brazil"),
        ("Москва", "Moscow, Russia"),
        ("東京", "Tokyo, Japan"),
        ("lond", "London, England, United Kingdom"),
        ("l'aqui", "L'Aquila, Abruzzo, Italy"),
        ("st. gallen", "Sankt Gallen, Saint Gallen, Switzerland"),
    ],
)
def test_a_city_is_found_by_what_people_call_it(text, first):
    assert places.search(text, kind="city")[0].full_name == first


def test_regions_and_countries_are_found_too():
    assert places.search("austria", 1)[0].path == "at"
    assert places.search("tyrol", 1, kind="region")[0].path == "at/tyrol"


def test_search_gives_each_place_once_and_no_more_than_asked():
    found = places.search("san", 25, kind="city")
    assert len(found) == len({place.id for place in found}) == 25
    assert places.search("") == places.search(" ,!") == places.search("qqqqqqqqqq") == []


@given(st.text(st.characters(exclude_categories=())))
def test_any_text_may_be_searched(text):
    assert len(places.search(text, 5)) <= 5


def test_every_city_is_found_by_its_name(everywhere):
    for city in everywhere[::50]:
        assert city in places.search(city.full_name, 500)


def test_near_gives_the_nearest_first(innsbruck):
    found = places.near(innsbruck.lat, innsbruck.lon, 100)
    assert (innsbruck, 0.0) in found
    assert [away for _place, away in found] == sorted(away for _place, away in found)
    assert "Munich" in [place.name for place, _away in found]
    assert found[:2] == places.near(innsbruck.lat, innsbruck.lon, 100, limit=2)


@pytest.mark.parametrize(
    ("lat", "lon", "km"),
    [(47.3, 11.4, 150), (-17.0, 179.9, 400), (-17.0, -179.9, 400), (89.9, 0, 3000), (-90, 10, 4000), (0, 0, 25_000)]
    + [(64.1, -21.9, 0.5), (60, 180, 900)],
)  # fmt: skip
def test_near_agrees_with_measuring_every_city(everywhere, lat, lon, km):
    measured = {
        city.id for city in everywhere if city.kind == "city" and kilometres(lat, lon, city.lat, city.lon) <= km
    }
    assert {place.id for place, _away in places.near(lat, lon, km)} == measured


def test_distance_is_that_of_the_great_circle(innsbruck):
    assert math.isclose(places.distance(innsbruck, places.search("munich", 1)[0]), 98.2, abs_tol=0.1)
    assert math.isclose(kilometres(0, 0, 0, 180), math.pi * 6371.0088)


def test_threads_share_the_gazetteer(everywhere):
    ids = [place.id for place in everywhere[::20]]
    with ThreadPoolExecutor(8) as pool:
        assert [place.id for place in pool.map(places.get, ids)] == ids
