"""The search page over the real index: it finds, filters, pages, explains mistakes, and copes without an index."""

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from werkzeug.middleware.proxy_fix import ProxyFix

from shared.catalog import Entry, apply_all, remove
from shared.search import Upsert, open_index
from shared.sharding import transaction
from shared.web.pace import Pace
from tests.factories.catalog import VIENNA, entry
from tests.factories.search import document_of
from tests.factories.settings import settings

PLACE = "place=at/tyrol/innsbruck"


def publish(tmp_path: Path, *entries: Entry) -> None:
    """Put entries into the catalogue and the index, as the two consumers do."""
    apply_all(entries)
    index = open_index(settings(tmp_path))
    index.rebuild([], {})
    index.apply([Upsert(document_of(one)) for one in entries])


def bike(sequence: int, **values) -> Entry:
    return entry(sequence, **{"category": "bikes", "section": "vehicles", "title": f"Red bicycle {sequence}", **values})


def test_words_find_listings_of_the_place_and_category(client, tmp_path):
    publish(tmp_path, bike(1), bike(2, city=VIENNA), bike(3, title="Blue bicycle"))
    html = client.get(f"/search?q=red&{PLACE}&category=bikes").text
    assert "Red bicycle 1" in html
    assert "Red bicycle 2" not in html and "Blue" not in html
    assert "1 to 1 of 1 listing" in html


def test_a_listing_that_left_the_catalogue_is_not_shown_although_the_index_has_it(client, tmp_path):
    one = bike(1)
    publish(tmp_path, one, bike(2))
    with transaction(one.city, keyspace="city") as session:
        remove(session, one.city, one.listing, 2)
    html = client.get("/search?q=red").text
    assert "Red bicycle 2" in html and "Red bicycle 1" not in html


def test_prices_bound_and_sort_the_results(client, tmp_path):
    publish(tmp_path, *(bike(n, price_amount=n * 1000) for n in range(1, 6)))
    html = client.get(f"/search?q=red&{PLACE}&min_price=20&max_price=40,00&sort=price_asc").text
    shown = [n for n in range(1, 6) if f"Red bicycle {n}" in html]
    assert shown == [2, 3, 4]
    assert html.index("Red bicycle 2") < html.index("Red bicycle 3") < html.index("Red bicycle 4")


def test_results_are_paged_and_the_pages_know_each_other(client, tmp_path):
    publish(tmp_path, *(bike(n) for n in range(1, 46)))
    first, second = client.get("/search?q=red").text, client.get("/search?q=red&page=2").text
    assert 'rel="next"' in first and 'rel="prev"' not in first
    assert 'rel="prev"' in second and 'rel="next"' not in second
    assert "31 to 45 of 45" in second
    assert "data-hx-select" in first and "htmx" in first


def with_photo(n: int) -> Entry:
    values = {"photo_jpg": "0" * 32 + "-160.jpg", "photo_width": 160, "photo_height": 120, "photo_count": 1}
    return bike(n, **values)


def test_results_with_photos_have_at_most_twenty_five_of_known_size_and_keep_the_view(client, tmp_path):
    publish(tmp_path, *(with_photo(n) for n in range(1, 71)))
    plain = client.get("/search?q=red").text
    assert "<img" not in plain
    assert 'href="/search?q=red&amp;view=gallery"' in plain
    html = client.get("/search?q=red&view=gallery&page=2").text
    pictures = re.findall("<img [^>]*>", html)
    assert 0 < len(pictures) <= 25
    assert all('width="160" height="120"' in picture for picture in pictures)
    assert f"{len(pictures) + 1} to {2 * len(pictures)} of 70" in html
    assert 'href="/search?q=red&amp;view=gallery&amp;page=3"' in html
    assert html.count('<input type="hidden" name="view" value="gallery">') == 2
    assert 'href="/search?q=red">As a list' in html


@pytest.mark.parametrize("address", ["/search?q=red&view=gallery", "/c/bikes?view=gallery"])
def test_who_saves_data_gets_the_same_listings_without_photos(client, tmp_path, address):
    publish(tmp_path, *(with_photo(n) for n in range(1, 71)))
    rich, plain = client.get(address), client.get(address, headers={"Save-Data": "on"})
    assert "<img" in rich.text and "<img" not in plain.text
    assert re.findall(r'href="(/l/\d+)"', rich.text) == re.findall(r'href="(/l/\d+)"', plain.text)
    assert "Save-Data" in rich.headers["Vary"] and "Save-Data" in plain.headers["Vary"]


def test_the_view_stays_when_a_search_turns_out_to_be_a_browse_page(client):
    response = client.get("/search?category=bikes&view=gallery")
    assert response.headers["Location"] == "/c/bikes?view=gallery"


def test_a_feed_is_the_same_in_either_view(client, tmp_path):
    publish(tmp_path, *(with_photo(n) for n in range(1, 29)))
    assert 'href="/search.atom?q=red"' in client.get("/search?q=red&view=gallery").text
    assert client.get("/search.atom?q=red&view=gallery").text.count("<entry>") == 28


def test_a_place_or_a_category_alone_is_a_browse_page(client):
    response = client.get(f"/search?q=&{PLACE}&category=bikes")
    assert (response.status_code, response.headers["Location"]) == (302, "/c/bikes/in/at/tyrol/innsbruck")


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("min_price=cheap", "min_price"),
        ("max_price=-5", "max_price"),
        ("place=Qqqtown", "place"),
        ("place=Springfield", "place"),
        ("category=nothing", "category"),
        ("sort=random", "sort"),
        ("since=ever", "since"),
        ("condition=cursed", "condition"),
        ("view=table", "view"),
        ("currency=XYZ", "currency"),
        ("page=0", "page"),
        ("page=21", "page"),
    ],
)
def test_a_mistake_is_explained_beside_the_field_and_the_rest_is_kept(client, query, field):
    response = client.get(f"/search?q=oak+table&{query}")
    assert response.status_code == 422
    assert "<title>Error:" in response.text
    assert 'value="oak table"' in response.text
    assert f'href="#f-{field}"' in response.text
    assert response.headers["Cache-Control"] != "public, max-age=30"


def test_a_name_of_several_places_offers_each_of_them(client):
    html = client.get("/search?q=oak&place=Springfield").text
    assert "/search?q=oak&amp;place=us%2Fillinois%2Fspringfield" in html


def test_a_place_is_understood_as_it_is_shown(client, tmp_path):
    publish(tmp_path, bike(1))
    html = client.get("/search", query_string={"q": "red", "place": "Innsbruck, Tyrol, Austria"}).text
    assert "Red bicycle 1" in html
    assert 'value="Innsbruck, Tyrol, Austria"' in html


def test_nothing_found_leads_on(client, tmp_path):
    publish(tmp_path, bike(1))
    html = client.get(f"/search?q=red&{PLACE}&photo=1").text
    assert "Nothing was found" in html
    assert 'href="/search?q=red&amp;photo=1"' in html


def test_words_that_no_listing_has_are_not_looked_for_elsewhere(client, tmp_path):
    publish(tmp_path, bike(1))
    html = client.get(f"/search?q=zeppelin&{PLACE}&photo=1").text
    results = html.partition('id="results"')[2].partition("</section>")[0]
    assert (
        'href="/search?place=at%2Ftyrol%2Finnsbruck&amp;photo=1"' in results
        and 'href="/in/at/tyrol/innsbruck"' in results
    )
    assert "/search?q=zeppelin" not in results


def test_a_page_behind_the_last_leads_to_the_first(client, tmp_path):
    publish(tmp_path, bike(1))
    html = client.get("/search?q=red&page=9").text
    assert "Nothing was found" not in html
    assert '<a href="/search?q=red">the first page</a>' in html


@pytest.mark.parametrize("value", ["1", "on", "x" * 500])
def test_a_tick_is_written_in_one_way(client, tmp_path, value):
    publish(tmp_path, bike(1, photo_count=1))
    html = client.get("/search", query_string={"q": "red", "photo": value}).text
    assert 'href="/search?q=red&amp;photo=1&amp;view=gallery"' in html


def test_without_an_index_titles_are_looked_through_and_the_page_says_so(client):
    apply_all([bike(1), bike(2, title="Blue bicycle")])
    response = client.get("/search?q=RED")
    assert response.status_code == 200
    assert "Red bicycle 1" in response.text and "Blue" not in response.text
    assert "being repaired" in response.text
    assert response.headers["Cache-Control"] == "no-store"
    assert "filters do not count" not in response.text


def test_without_an_index_filters_are_said_not_to_count_and_quotes_and_minus_are_no_words(client):
    apply_all([bike(1)])
    html = client.get("/search", query_string={"q": '"red bicycle" -blue', "photo": "1"}).text
    assert "Red bicycle 1" in html and "filters do not count" in html


def test_a_feed_waits_for_the_index(client):
    apply_all([bike(1)])
    response = client.get("/search.atom?q=red&photo=1")
    assert response.status_code == 503
    assert response.headers["Cache-Control"] == "no-store"


def test_a_search_has_a_feed(client, tmp_path):
    publish(tmp_path, bike(1), bike(2))
    atom = "{http://www.w3.org/2005/Atom}"
    feed = ElementTree.fromstring(client.get("/search.atom?q=red&place=at").data)
    assert [each.findtext(f"{atom}title") for each in feed.findall(f"{atom}entry")] == [
        "Red bicycle 2",
        "Red bicycle 1",
    ]
    assert client.get("/search.atom?q=red&min_price=x").status_code == 422


@pytest.fixture
def searched(client, tmp_path):
    publish(tmp_path, bike(1))
    return client


@hypothesis_settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.dictionaries(
        st.sampled_from(
            ["q", "place", "category", "min_price", "max_price", "sort", "photo", "since", "page", "currency", "view"]
        ),
        st.text(max_size=60) | st.sampled_from(["1e9", "-1", "٣", "NaN", "' OR 1=1", "../..", "\u202egnp", "*", "a*"]),
        max_size=5,
    )
)
def test_no_question_breaks_the_page(searched, query):
    assert searched.get("/search", query_string=query).status_code < 500
    assert searched.get("/search.atom", query_string=query).status_code < 500


def test_a_network_that_searches_too_fast_is_told_to_wait_and_others_are_not(client, tmp_path):
    publish(tmp_path, bike(1))
    client.application.wsgi_app = ProxyFix(client.application.wsgi_app, x_for=1)
    client.application.extensions["search_pace"] = Pace(60, 1.0, clock=lambda: 0.0)
    crawler = {"REMOTE_ADDR": "198.51.100.7"}

    def search(forwarded: str, path: str = "/search?q=bike"):
        return client.get(path, environ_overrides=crawler, headers={"X-Forwarded-For": forwarded})

    answers = [search(f"10.0.0.{number}, 203.0.113.9") for number in range(61)]
    assert [answer.status_code for answer in answers] == [200] * 60 + [429]
    assert "Please wait a little" in answers[-1].text
    assert int(answers[-1].headers["Retry-After"]) >= 1
    assert search("203.0.113.9", "/search.atom?q=bike").status_code == 429
    assert search("203.0.113.9", "/").status_code == 200
    assert search("203.0.113.10").status_code == 200


def test_what_looks_like_a_path_is_a_place_or_nothing(client):
    response = client.get("/search?q=sofa&place=../../etc")
    assert response.status_code == 422
    assert "We do not know this place" in response.text


def test_an_order_alone_is_a_question_about_everything(client, tmp_path):
    publish(tmp_path, *(bike(n, price_amount=n * 1000, price_currency="EUR") for n in (3, 1, 2)))
    html = client.get("/search?sort=price_asc&currency=EUR").text
    assert html.index("Red bicycle 1") < html.index("Red bicycle 2") < html.index("Red bicycle 3")
