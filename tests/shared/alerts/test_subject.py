"""A listing is compared with a question as the search page would: proved against the engine itself."""

import random
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from shared import alerts, categories
from shared.alerts.requests import from_text, to_text
from shared.search import DetailFilter, Document, Point, SearchRequest, Sort
from shared.search.whoosh_index import WhooshIndex
from tests.factories.alerts import matcher
from tests.factories.catalog import INNSBRUCK, MUNICH, VIENNA
from tests.factories.search import document

WORDS = (
    "second hand", "second-hand", "secondhand", "2ndhand", "2nd-hand", "tv", "television", "sofa", "couch", "t-shirt",
    "t shirts", "tshirt", "wi-fi", "wifi", "64gb", "64 gb", "bike", "bikes", "bicycle", "red", "rot", "Müller's",
    "mullers", "the", "of", "1/2", "3.5", "55\"", "c++", "éclair", "iphone 12", "iPhone-12", "12", "fridge",
)  # fmt: skip
PLACES = {
    INNSBRUCK: ("AT.07", "AT", 47.2627, 11.3945),
    VIENNA: ("AT.09", "AT", 48.2085, 16.3721),
    MUNICH: ("DE.02", "DE", 48.1374, 11.5755),
}
_CATEGORIES = ("cars", "bikes", "phones", "furniture")
Chance = random.Random


def words(chance: Chance, most: int) -> str:
    return " ".join(chance.choices(WORDS, k=chance.randint(1, most)))


def a_document(chance: Chance) -> Document:
    city = chance.choice(list(PLACES))
    region, country, lat, lon = PLACES[city]
    category = categories.get(chance.choice(_CATEGORIES))
    priced = chance.random() < 0.8
    return document(
        1,
        words(chance, 5),
        body=words(chance, 12),
        city=city,
        region=region,
        country=country,
        lat=chance.choice((lat, None)),
        lon=lon,
        category=category.slug,
        section=categories.section_of(category).slug,
        price=chance.choice((0, 5_000, 12_000, 90_000)) if priced else None,
        currency=chance.choice(("EUR", "USD")) if priced else None,
        has_photo=chance.random() < 0.5,
        condition=chance.choice((None, "new", "good")),
        details={"year": chance.randint(2000, 2024), "make": chance.choice(("Škoda", "Fiat")), "electric": True},
    )


def a_text(chance: Chance) -> str:
    parts = [words(chance, 2)]
    if chance.random() < 0.4:
        parts.append(f'"{words(chance, 2)}"'.replace('""', '"'))
    if chance.random() < 0.3:
        parts.append("-" + chance.choice(WORDS).split()[0])
    if chance.random() < 0.1:
        parts.append(f'-"{words(chance, 2)}"')
    return " ".join(parts)


def a_request(chance: Chance) -> SearchRequest:
    one: dict[str, Any] = {}
    filters = {
        "city": partial(chance.choice, list(PLACES)),
        "region": partial(chance.choice, ["AT.07", "AT.09", "XX"]),
        "country": partial(chance.choice, ["AT", "DE"]),
        "category": partial(chance.choice, _CATEGORIES),
        "section": partial(chance.choice, ["for-sale", "vehicles"]),
        "price_min": partial(chance.choice, [-5, 0, 5_000, 2**70]),
        "price_max": partial(chance.choice, [-1, 0, 12_000]),
        "currency": partial(chance.choice, ["EUR", "CHF"]),
        "has_photo": lambda: True,
        "condition": partial(chance.choice, ["new", "good"]),
        "details": lambda: (a_detail(chance),),
    }
    for name in chance.sample(list(filters), chance.choice((0, 0, 1, 1, 2))):
        one[name] = filters[name]()
    if chance.random() < 0.2:
        _, _, lat, lon = PLACES[chance.choice(list(PLACES))]
        one |= {"near": Point(lat, lon), "within_km": chance.choice((1.0, 120.0, 400.0))}
    return SearchRequest(a_text(chance) if chance.random() < 0.8 else "", **one)


def a_detail(chance: Chance) -> DetailFilter:
    return chance.choice(
        (
            DetailFilter("year", minimum=2010),
            DetailFilter("year", maximum=2010),
            DetailFilter("year", value=2005),
            DetailFilter("make", value="skoda"),
            DetailFilter("electric", value=True),
            DetailFilter("electric", value=False),
            DetailFilter("nothing", minimum=1),
            DetailFilter("year"),
        )
    )


def found(index: WhooshIndex, request: SearchRequest) -> bool:
    """Whether the page has the only listing there is, by all words."""
    page = index.search(replace(request, exact=True, sort=Sort.NEWEST))
    return page.matched == "all" and page.total == 1


def test_it_is_a_match_exactly_if_the_search_page_finds_it_by_all_words(tmp_path):
    chance, compare = random.Random(7), matcher()
    requests = [a_request(chance) for _ in range(150)]
    matches, wrong = 0, []
    for number in range(24):
        index, one = WhooshIndex(tmp_path / str(number), check_seconds=0), a_document(chance)
        index.rebuild([one], {})
        subject = compare.subject(one)
        for request in requests:
            told = compare.fits(subject, to_text(request))
            matches += told
            if told != found(index, request):
                wrong.append((one, request))
    assert wrong == []
    assert matches > 100, "too few matches to prove anything"


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("second hand tv", "TV, 2nd-hand"),
        ("couch", "Sofa"),
        ('"red bike"', "A red bike, as new"),
        ("t-shirt -blue", "Tshirts, red"),
    ],
)
def test_words_count_in_every_spelling_that_the_search_knows(text, title):
    compare = matcher()
    assert compare.fits(compare.subject(document(1, title)), to_text(SearchRequest(text)))


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("bicyle", "Bicycle"),  # put right when it is saved, never behind one's back
        ("red bicycle", "Bicycle"),
        ('"red bike"', "A bike, red"),
        ("bike -red", "Red bike"),
        ("the of", "The bike of mine"),
    ],
)
def test_no_word_may_be_missing_or_guessed(text, title):
    compare = matcher()
    assert not compare.fits(compare.subject(document(1, title)), to_text(SearchRequest(text)))


def test_what_passes_is_not_kept_of_a_request():
    request = SearchRequest("desk", since=5, sort=Sort.PRICE_ASC, near=Point(1, 2), offset=50, exact=True, facets=True)
    assert from_text(to_text(request)) == SearchRequest("desk")


def test_a_kept_request_is_the_same_question():
    chance = random.Random(3)
    for _ in range(200):
        request = a_request(chance)
        assert from_text(alerts.to_text(request)) == request
