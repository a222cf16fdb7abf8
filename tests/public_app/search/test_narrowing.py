"""What the search page offers beyond words: typed fields, distance, parts with counts, spelling, and ways out."""

from pathlib import Path

import pytest

from shared.catalog import Entry, apply_all
from shared.search import open_index
from tests.factories.catalog import MUNICH, VIENNA, entry
from tests.factories.search import document_of
from tests.factories.settings import settings

INNSBRUCK_AT, VIENNA_AT, MUNICH_AT = (47.26, 11.39), (48.21, 16.37), (48.14, 11.58)


def car(sequence: int, **values) -> Entry:
    return entry(sequence, **{"category": "cars", "section": "vehicles", "title": f"Estate car {sequence}", **values})


def publish(tmp_path: Path, *entries: tuple[Entry, dict]) -> None:
    """Put entries into the catalogue, and into the index with values that only the index has; then build it anew."""
    apply_all([one for one, _ in entries])
    index = open_index(settings(tmp_path))
    index.rebuild([document_of(one, **values) for one, values in entries], {})


def shown(html: str, title: str = "Estate car") -> list[int]:
    return [number for number in range(1, 10) if f"{title} {number}<" in html]


def test_a_category_has_its_own_fields_as_filters(client, tmp_path):
    publish(tmp_path, *((car(n), {"details": {"make": "Volvo", "year": 2010 + n}}) for n in range(1, 6)))
    plain = client.get("/search?q=car").text
    assert 'name="d_' not in plain
    html = client.get("/search?q=car&category=cars&d_make=volvo&d_year_from=2012&d_year_to=2014").text
    assert shown(html) == [2, 3, 4]
    assert 'name="d_make" type="text" value="volvo"' in html
    assert 'name="d_year_from" type="text" value="2012"' in html
    assert shown(client.get("/search?q=car&category=cars&d_make=Saab").text) == []


def test_a_range_written_the_wrong_way_round_is_understood(client, tmp_path):
    publish(tmp_path, *((car(n), {"details": {"year": 2010 + n}}) for n in range(1, 6)))
    assert shown(client.get("/search?category=cars&d_year_from=2014&d_year_to=2012").text) == [2, 3, 4]


def test_the_fields_stay_in_every_address_of_the_page(client, tmp_path):
    publish(tmp_path, *((car(n), {"details": {"year": 2015}}) for n in range(1, 61)))
    html = client.get("/search?q=car&category=cars&d_year_from=2010").text
    assert 'href="/search?q=car&amp;category=cars&amp;d_year_from=2010&amp;page=2"' in html
    assert 'href="/search.atom?q=car&amp;category=cars&amp;d_year_from=2010"' in html


def test_the_fields_of_another_category_are_left_aside(client, tmp_path):
    publish(tmp_path, (car(1), {}))
    response = client.get("/search?q=car&category=cars&d_gearshift=11")
    assert response.status_code == 200
    assert "d_gearshift" not in response.text


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("category=cars&d_year_from=old", "d_year_from"),
        ("category=cars&d_fuel=Water", "d_fuel"),
        ("near=Innsbruck,+Tyrol,+Austria&km=far", "km"),
        ("near=Innsbruck,+Tyrol,+Austria&km=0", "km"),
        ("near=Innsbruck,+Tyrol,+Austria&km=99999", "km"),
        ("km=20", "near"),
        ("sort=nearest", "near"),
        ("near=Qqqtown", "near"),
    ],
)
def test_a_mistake_is_explained_beside_the_field(client, query, field):
    response = client.get(f"/search?q=oak+table&{query}")
    assert response.status_code == 422
    assert f'href="#f-{field}"' in response.text
    assert 'value="oak table"' in response.text


def test_an_unclear_centre_offers_each_place_of_that_name(client):
    html = client.get("/search?q=oak&near=Springfield").text
    assert "near=us%2Fillinois%2Fspringfield" in html


def test_only_what_lies_within_the_distance_is_shown_the_nearest_first(client, tmp_path):
    where = {1: (VIENNA, VIENNA_AT), 2: (MUNICH, MUNICH_AT), 3: (2775220, INNSBRUCK_AT)}
    publish(
        tmp_path,
        *((car(n, city=city), {"lat": at[0], "lon": at[1]}) for n, (city, at) in where.items()),
    )
    around = "near=at/tyrol/innsbruck"
    html = client.get(f"/search?q=car&{around}&km=150&sort=nearest").text
    assert shown(html) == [2, 3]
    assert html.index("Estate car 3") < html.index("Estate car 2")
    assert shown(client.get(f"/search?q=car&{around}&km=600").text) == [1, 2, 3]


def test_results_fall_into_parts_that_are_links_with_counts(client, tmp_path):
    tyrol, munich = [(car(n), {}) for n in range(1, 4)], [(car(4, city=MUNICH), {})]
    table = (entry(5, category="furniture", title="Car shaped table"), {})
    publish(tmp_path, *tyrol, *munich, table)
    html = client.get("/search?q=car").text
    assert '<a href="/search?q=car&amp;category=vehicles">Vehicles</a> <span class="soft">4</span>' in html
    assert '<a href="/search?q=car&amp;place=at">Austria</a> <span class="soft">4</span>' in html
    assert '<a href="/search?q=car&amp;place=de">Germany</a> <span class="soft">1</span>' in html


def test_one_part_alone_is_no_choice_and_not_offered(client, tmp_path):
    publish(tmp_path, (car(1), {}), (car(2), {}))
    assert 'class="links"' not in client.get("/search?q=car").text


def test_a_misspelt_word_is_put_right_and_the_other_search_is_one_link_away(client, tmp_path):
    publish(tmp_path, *((car(n, title=f"Estate volkswagen {n}"), {}) for n in range(1, 8)))
    html = client.get("/search?q=volkswagon").text
    assert shown(html, "Estate volkswagen") == [1, 2, 3, 4, 5, 6, 7]
    assert "Showing results for <b>volkswagen</b>" in html
    assert 'Search instead for <a href="/search?q=volkswagon&amp;exact=1">volkswagon</a>' in html
    exact = client.get("/search?q=volkswagon&exact=1").text
    assert "Nothing was found" in exact and "Showing results for" not in exact


def test_words_that_no_listing_has_are_named_and_the_rest_is_a_search(client, tmp_path):
    publish(tmp_path, (car(1), {}))
    html = client.get("/search?q=zyxwvut+car&place=de").text
    assert "No listing has “zyxwvut”" in html
    assert 'href="/search?q=car&amp;place=de">Search for “car” alone' in html


def test_nothing_found_in_a_city_leads_around_it_and_up(client, tmp_path):
    publish(tmp_path, (car(1, city=VIENNA), {}))
    html = client.get("/search?q=car&place=at/tyrol/innsbruck&category=bikes&photo=1").text
    assert "Nothing was found" in html
    assert "near=at%2Ftyrol%2Finnsbruck&amp;km=50" in html
    for words in ("In all of Tyrol", "In all of Austria", "In all places", "In all categories", "Without the other"):
        assert words in html
    assert 'href="/search.atom?q=car&amp;place=at%2Ftyrol%2Finnsbruck' in html


def test_the_name_of_a_category_leads_to_it(client, tmp_path):
    publish(tmp_path, (car(1), {}))
    assert '<a href="/c/cars">Cars</a>' in client.get("/search?q=cARS").text
    assert "All listings in the category" not in client.get("/search?q=cars&category=furniture").text


def test_what_is_being_typed_is_completed_by_categories_and_words_of_listings(client, tmp_path):
    publish(tmp_path, *((car(n, title=f"Volkswagen estate {n}"), {}) for n in range(1, 8)))
    options = client.get("/search/suggest?q=volk")
    assert '<option value="volkswagen">' in options.text
    assert "max-age" in options.headers["Cache-Control"]
    assert "<html" not in options.text and len(options.data) < 600
    assert '<option value="Cars">' in client.get("/search/suggest?q=car").text


@pytest.mark.parametrize("typed", ["", "a", "*", "x" * 500, '"', "-"])
def test_anything_typed_gets_an_answer_without_an_index_too(client, typed):
    assert client.get(f"/search/suggest?q={typed}").status_code == 200


def test_by_price_only_one_currency_is_compared_and_the_page_says_so(client, tmp_path):
    dollars = {"price_amount": 100, "price_currency": "USD"}
    publish(tmp_path, (car(1, price_amount=9_000), {}), (car(2, **dollars), {}), (car(3, price_amount=7_000), {}))
    html = client.get("/search?q=car&sort=price_asc").text
    assert shown(html) == [1, 3]
    assert html.index("Estate car 3") < html.index("Estate car 1")
    assert "Only prices in EUR are compared" in html
    assert shown(client.get("/search?q=car&sort=price_asc&currency=usd").text) == [2]
    assert shown(client.get("/search?q=car&sort=newest").text) == [1, 2, 3]


def test_a_large_city_is_meant_before_its_small_namesakes(client, tmp_path):
    publish(tmp_path, (car(1), {}))
    for query in ("near=Berlin&km=50", "place=Berlin"):
        response = client.get(f"/search?q=car&{query}")
        assert response.status_code == 200
        assert 'value="Berlin' in response.text and "Germany" in response.text


def test_other_words_keep_every_filter(client, tmp_path):
    publish(tmp_path, (car(1), {"details": {"year": 2015}}))
    html = client.get("/search?q=car&category=cars&d_year_from=2010&min_price=5&sort=newest").text
    box = html[html.index('role="search"') : html.index("<main")]
    for name, value in {"category": "cars", "d_year_from": "2010", "min_price": "5", "sort": "newest"}.items():
        assert f'<input type="hidden" name="{name}" value="{value}">' in box


def test_results_name_their_feed(client, tmp_path):
    publish(tmp_path, (car(1), {}))
    assert '<a href="/search.atom?q=car">Feed</a>' in client.get("/search?q=car").text
