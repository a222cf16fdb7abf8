"""Details, distance and facets behind the port, and every filter and order against a model in plain Python."""

import math
import random
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared import ids
from shared.listings.documents import search_document
from shared.places.gazetteer import kilometres
from shared.search import (
    Delete,
    DetailFilter,
    Document,
    Facets,
    Hit,
    InvalidDocument,
    Point,
    SearchRequest,
    Sort,
    Upsert,
)
from shared.search.distance import EARTH_RADIUS_KM, haversines
from shared.search.documents import document_of
from shared.search.port import MAX_NUMBER
from shared.search.schema import DETAIL_NUMBERS
from shared.search.whoosh_index import WhooshIndex
from shared.sharding import read
from tests.factories.catalog import INNSBRUCK, MUNICH, NOW, VIENNA
from tests.factories.listings import published, seller
from tests.factories.search import document

HALL = Point(47.28, 11.51)


def put(index, *documents):
    index.apply([Upsert(each) for each in documents])


def found(index, text="", **filters):
    """The sequence numbers of the hits, in order."""
    return [hit.listing & ids.MAX_SEQUENCE for hit in index.search(SearchRequest(text, **filters)).hits]


def having(key, value=None, **bounds):
    return {"details": (DetailFilter(key, value, **bounds),)}


# Details


@pytest.mark.parametrize("wanted", ["Škoda", "skoda", "SKODA ", "ŠKODA"])
def test_a_detail_is_found_whatever_its_case_accents_and_spaces(index, wanted):
    put(index, *(document(at, details={"make": make}) for at, make in enumerate(["Škoda", " skoda", "Skodas"], 1)))
    assert found(index, **having("make", wanted)) == [2, 1]


def test_a_detail_of_several_words_is_one_value(index):
    put(index, document(1, details={"fuel": "Plug-in  hybrid"}), document(2, details={"fuel": "Hybrid"}))
    assert found(index, **having("fuel", "plug-in hybrid")) == [1]
    assert found(index, **having("fuel", "hybrid")) == [2]


def test_yes_and_no_are_told_apart_and_from_not_told(index):
    put(
        index, *(document(at, details=told) for at, told in enumerate([{"electric": True}, {"electric": False}, {}], 1))
    )
    assert found(index, **having("electric", True)) == [1]
    assert found(index, **having("electric", False)) == [2]


def test_numbers_are_within_their_bounds_and_what_is_not_told_is_left_out(index):
    put(index, *(document(at, details={"year": year}) for at, year in enumerate([1999, 2005, 2010], 1)), document(4))
    assert found(index, **having("year", minimum=2005)) == [3, 2]
    assert found(index, **having("year", maximum=2005)) == [2, 1]
    assert found(index, **having("year", minimum=2000, maximum=2009)) == found(index, **having("year", 2005)) == [2]
    assert found(index, **having("year", minimum=-(10**30), maximum=10**30)) == [3, 2, 1]
    assert found(index, **having("year", minimum=10**30)) == found(index, **having("year", maximum=-1)) == []


def test_the_least_and_the_greatest_number_are_numbers_too(index):
    put(index, document(1, details={"mileage": 0}), document(2, details={"mileage": MAX_NUMBER}), document(3))
    assert found(index, **having("mileage", maximum=0)) == found(index, **having("mileage", 0)) == [1]
    assert found(index, **having("mileage", minimum=1)) == [2]


def test_all_details_must_hold(index):
    put(index, document(1, details={"make": "VW", "year": 2001}), document(2, details={"make": "VW", "year": 2011}))
    assert found(index, details=(DetailFilter("make", "vw"), DetailFilter("year", minimum=2005))) == [2]


@pytest.mark.parametrize("wanted", [having("colour", "red"), having("", ""), having("wheels", minimum=1)])
def test_a_detail_that_nothing_has_finds_nothing(index, wanted):
    put(index, document(1, details={"make": "VW"}))
    assert found(index, **wanted) == []


def test_a_detail_without_a_value_or_bound_asks_for_nothing(index):
    put(index, document(1), document(2, details={"year": 2001}))
    assert found(index, **having("year")) == [2, 1]


def test_a_number_that_the_tree_gets_later_needs_no_new_index(tmp_path, monkeypatch):
    with monkeypatch.context() as before:
        before.delitem(DETAIL_NUMBERS, "year")
        WhooshIndex(tmp_path).rebuild([document(1)], {})
    index = WhooshIndex(tmp_path, check_seconds=0)
    put(index, document(2, details={"year": 2001}))
    assert found(index) == [2, 1]
    assert found(index, **having("year", minimum=0)) == [2]


def test_details_are_no_words_of_the_text(index):
    put(index, document(1, "Bicycle", details={"make": "Cube"}))
    assert found(index, "cube") == found(index, "make=cube") == []


@pytest.mark.parametrize("details", [{"year": -1}, {"year": MAX_NUMBER + 1}, {"year": 1.5}, {"wheels": 4}, {"a": None}])
def test_a_detail_that_does_not_fit_is_refused(index, details):
    with pytest.raises(InvalidDocument):
        put(index, document(1, details=details))
    assert index.health().documents == 0


def test_the_details_of_a_listing_are_those_that_its_category_has(fleet):
    told = {"make": "VW", "year": "2015", "mileage": "120,000", "fuel": "Diesel"}
    owner = seller()
    listing = published(owner, "cars", fields=told)
    with read(owner) as session:
        row = search_document(session, listing)
    assert document_of(row).details == {"make": "VW", "year": 2015, "mileage": 120_000, "fuel": "Diesel"}


# Distance


def test_a_circle_leaves_out_what_is_farther_and_what_is_nowhere(index):
    put(
        index,
        document(1, lat=47.27, lon=11.39),
        document(2, lat=48.21, lon=16.37),
        document(3, lat=48.14, lon=11.58),
        document(4),
    )
    assert found(index, near=HALL, within_km=20) == [1]
    assert found(index, near=HALL, within_km=150) == [3, 1]
    assert found(index, near=HALL, within_km=math.inf) == [3, 2, 1]
    assert found(index, near=HALL, within_km=-1) == found(index, near=HALL, within_km=math.nan) == []
    assert found(index, within_km=20) == found(index, near=HALL) == [4, 3, 2, 1]


def test_the_nearest_come_first_the_newer_of_the_same_place_before_and_those_nowhere_last(index):
    put(
        index,
        document(1, lat=48.21, lon=16.37),
        document(2),
        document(3, lat=47.27, lon=11.39),
        document(4, lat=47.27, lon=11.39),
    )
    assert found(index, near=HALL, sort=Sort.NEAREST) == [4, 3, 1, 2]


def test_a_circle_reaches_over_the_date_line_and_the_pole(index):
    put(index, document(1, lat=0.0, lon=-179.9), document(2, lat=89.9, lon=180.0), document(3, lat=0.0, lon=0.0))
    assert found(index, near=Point(0, 179.9), within_km=30) == [1]
    assert found(index, near=Point(89.9, 0), within_km=30) == [2]
    assert found(index, near=Point(0, 180), within_km=20_015.2) == [3, 2, 1]


def test_the_nearest_without_a_point_are_the_newest(index):
    put(index, document(1, lat=0.0, lon=0.0), document(2))
    assert found(index, sort=Sort.NEAREST) == [2, 1]


@pytest.mark.parametrize("pair", [(90.1, 0), (0, -180.1), (math.nan, 0), (0, math.inf)])
def test_a_point_is_on_earth(pair):
    with pytest.raises(ValueError, match="no place on Earth"):
        Point(*pair)


# Facets


@pytest.fixture
def spread(index):
    """Listings of two countries and three categories, over two segments, one of them deleted."""
    vienna = {"city": VIENNA, "region": "AT.09"}
    munich = {"city": MUNICH, "region": "DE.02", "country": "DE"}
    index.rebuild([document(1), document(2, **vienna), document(3, **vienna, category="tools")], {})
    put(index, document(4, **munich), document(5, **munich, category="lamps", section="home"), document(6))
    index.apply([Delete(document(6).listing)])
    assert index.health().segments > 1
    return index


def counted(index, **filters):
    return index.search(SearchRequest(facets=True, limit=1, **filters)).facets


def test_everywhere_and_everything_are_counted_by_section_and_country(spread):
    assert counted(spread) == Facets(sections={"for-sale": 4, "home": 1}, countries={"AT": 3, "DE": 2})


def test_within_a_section_and_a_country_categories_and_regions_are_counted(spread):
    facets = counted(spread, section="for-sale", country="AT")
    assert facets == Facets(categories={"bicycles": 2, "tools": 1}, regions={"AT.07": 1, "AT.09": 2})


def test_within_a_region_cities_are_counted_and_nothing_within_a_category(spread):
    assert counted(spread, category="bicycles", region="AT.09") == Facets(cities={VIENNA: 1})


def test_within_a_city_no_places_are_counted(spread):
    assert counted(spread, city=INNSBRUCK, country="AT", region="AT.07") == Facets(sections={"for-sale": 1})


def test_facets_count_the_hits_of_every_page_and_nothing_where_there_are_none(spread):
    assert counted(spread, text="bicycle", offset=4).sections == {"for-sale": 4, "home": 1}
    assert counted(spread, text="zeppelin") == counted(spread, text="???") == Facets()


def test_facets_are_given_on_demand_only(spread):
    assert spread.search(SearchRequest()).facets is None


# Everything at once, against the model

# No two are equally far from a third, and no distance between two is near one of RADII.
PLACES = [(47.27, 11.39), (47.31, 11.62), (48.21, 16.37), (-33.86, 151.2), (0.21, 179.9), (0.37, -179.7), (89.8, 3.1)]
RADII = [-5.0, 10.0, 70.0, 600.0, 9_000.0, 25_000.0]
MAKES = {"VW": "vw", "vw ": "vw", "Škoda": "skoda", "SKODA": "skoda", "Alfa  Romeo": "alfa romeo"}
CITIES = {INNSBRUCK: ("AT.07", "AT"), 7: ("AT.07", "AT"), VIENNA: ("AT.09", "AT"), MUNICH: ("DE.02", "DE")}
CATEGORIES = {"cars": "vehicles", "bikes": "vehicles", "phones": "for-sale"}


def random_document(chance: random.Random, sequence: int, revision: int) -> Document:
    city = chance.choice(list(CITIES))
    category = chance.choice(list(CATEGORIES))
    lat, lon = chance.choice([*PLACES, (None, None)])
    told = {"make": chance.choice(list(MAKES)), "year": chance.randrange(2000, 2005), "electric": chance.random() < 0.5}
    return document(
        sequence,
        chance.choice(["Sofa", "Lamp"]),
        revision=revision,
        city=city,
        region=CITIES[city][0],
        country=CITIES[city][1],
        category=category,
        section=CATEGORIES[category],
        price=chance.choice([None, 0, 100, 200, 300]),
        currency=chance.choice(["EUR", "USD"]),
        has_photo=chance.random() < 0.5,
        condition=chance.choice([None, "new", "good"]),
        lat=lat,
        lon=lon,
        posted_at=NOW + chance.randrange(20),
        details={key: value for key, value in told.items() if chance.random() < 0.8},
    )


@pytest.fixture(scope="module", params=[1, 2, 3])
def stocked(request, tmp_path_factory):
    """An index of many commits, and the documents that must be in it."""
    chance, index = random.Random(request.param), WhooshIndex(tmp_path_factory.mktemp("stocked") / "index")
    alive = {at: random_document(chance, at, 1) for at in range(1, 121)}
    index.rebuild(alive.values(), {})
    for revision in range(2, 8):
        for at in chance.sample(range(1, 200), 25):
            alive[at] = random_document(chance, at, revision)
        changes = [Upsert(each) for each in alive.values() if each.revision == revision]
        gone = chance.sample(sorted(alive), 10)
        index.apply([*changes, *(Delete(alive.pop(at).listing) for at in gone)])
    health = index.health()
    assert health.segments > 2 and health.deleted > 0
    return index, list(alive.values())


DETAILS = st.one_of(
    st.builds(DetailFilter, st.just("make"), st.sampled_from([*MAKES, "ford"])),
    st.builds(DetailFilter, st.just("electric"), st.booleans()),
    st.builds(DetailFilter, st.just("year"), st.integers(1999, 2006)),
    st.builds(DetailFilter, st.just("year"), st.none(), *[st.none() | st.integers(1999, 2006)] * 2),
)
FILTERS = {
    "text": st.sampled_from(["sofa", "lamp", "zeppelin"]),
    "city": st.sampled_from([*CITIES, 99]),
    "region": st.sampled_from(["AT.07", "AT.09", "DE.02"]),
    "country": st.sampled_from(["AT", "DE", "FR"]),
    "category": st.sampled_from(list(CATEGORIES)),
    "section": st.sampled_from(["vehicles", "for-sale", "home"]),
    "price_min": st.integers(-1, 301),
    "price_max": st.integers(-1, 301),
    "currency": st.sampled_from(["EUR", "USD", "CHF"]),
    "has_photo": st.just(True),
    "since": st.integers(NOW - 1, NOW + 21),
    "condition": st.sampled_from(["new", "good", "fair"]),
    "details": st.lists(DETAILS, max_size=2).map(tuple),
    "within_km": st.sampled_from(RADII),
}
# With more filters than these hardly anything is left to compare.
NARROWED = st.lists(st.sampled_from(list(FILTERS)), max_size=4, unique=True).flatmap(
    lambda names: st.fixed_dictionaries({name: FILTERS[name] for name in names})
)
SHOWN = st.fixed_dictionaries(
    {
        "near": st.none() | st.sampled_from(PLACES).map(lambda pair: Point(*pair)),
        "sort": st.sampled_from(Sort),
        "facets": st.booleans(),
        "offset": st.integers(0, 30),
        "limit": st.integers(0, 50),
    }
)
REQUESTS = st.builds(lambda narrowed, shown: SearchRequest(**narrowed, **shown), NARROWED, SHOWN)


def away(near: Point, one: Document) -> float:
    return math.inf if one.lat is None or one.lon is None else kilometres(near.lat, near.lon, one.lat, one.lon)


def holds(wanted: DetailFilter, one: Document) -> bool:
    told = one.details.get(wanted.key)
    if isinstance(wanted.value, str):
        return MAKES.get(told) == MAKES.get(wanted.value, wanted.value)
    if wanted.value is not None:
        return told == wanted.value
    bounds = (wanted.minimum, wanted.maximum)
    return bounds == (None, None) or (
        told is not None
        and (wanted.minimum is None or told >= wanted.minimum)
        and (wanted.maximum is None or told <= wanted.maximum)
    )


def passes(asked: SearchRequest, one: Document) -> bool:
    exact = ("city", "region", "country", "category", "section", "condition")
    priced = asked.price_min is not None or asked.price_max is not None
    return (
        asked.text in ("", one.title.lower())
        and all(getattr(asked, name) in (None, getattr(one, name)) for name in exact)
        and (not priced or one.price is not None)
        and (asked.price_min is None or one.price >= asked.price_min)
        and (asked.price_max is None or one.price <= asked.price_max)
        and (not priced or asked.currency in (None, one.currency) or one.price == 0)
        and (one.has_photo or not asked.has_photo)
        and (asked.since is None or one.posted_at >= asked.since)
        and all(holds(wanted, one) for wanted in asked.details)
        and (asked.near is None or asked.within_km is None or away(asked.near, one) <= asked.within_km)
    )


def in_order(asked: SearchRequest, hits: list[Document]) -> list[Document]:
    newest = sorted(hits, key=lambda one: (-one.posted_at, -one.listing))
    if asked.sort is Sort.NEAREST and asked.near is not None:
        return sorted(newest, key=lambda one: away(asked.near, one))
    if asked.sort in (Sort.PRICE_ASC, Sort.PRICE_DESC):
        sign = 1 if asked.sort is Sort.PRICE_ASC else -1
        return sorted(newest, key=lambda one: (one.price is None, sign * (one.price or 0)))
    return newest


def tally(asked: SearchRequest, hits: list[Document]) -> Facets:
    what = "sections" if asked.section is None else "categories"
    where = "cities" if asked.region else "regions" if asked.country else "countries"
    names = {"sections": "section", "categories": "category", "countries": "country", "regions": "region"}
    wanted = ([what] if asked.category is None else []) + ([where] if asked.city is None else [])
    return Facets(**{each: dict(Counter(getattr(one, names.get(each, "city")) for one in hits)) for each in wanted})


@settings(deadline=None, max_examples=150)
@given(REQUESTS)
def test_filters_orders_and_facets_are_those_of_the_model(stocked, asked):
    index, documents = stocked
    page, expected = index.search(asked), [one for one in documents if passes(asked, one)]
    assert page.total == len(expected)
    assert page.facets == (tally(asked, expected) if asked.facets else None)
    start, stop = asked.window
    if asked.sort is Sort.RELEVANCE and asked.text:
        assert {hit.listing for hit in page.hits} <= {one.listing for one in expected}
        assert len(page.hits) == len(expected[start:stop])
    else:
        assert list(page.hits) == [Hit(one.listing, one.city) for one in in_order(asked, expected)[start:stop]]


def test_the_distance_of_columns_is_that_of_the_gazetteer():
    chance = random.Random(8)
    pairs = [(chance.uniform(-90, 90), chance.uniform(-180, 180)) for _ in range(500)]
    near = Point(47.27, 11.39)
    measured = haversines(near, *(np.array(column, np.float32) for column in zip(*pairs, strict=True)))
    ours = 2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(measured))
    theirs = [kilometres(near.lat, near.lon, *pair) for pair in pairs]
    assert np.allclose(ours, theirs, rtol=1e-4, atol=0.01)
