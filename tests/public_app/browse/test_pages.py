"""Browse pages: what they show, how they page, what they weigh, and what caches may do with them."""

import json
import re
from html.parser import HTMLParser

import brotli
import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from shared import clock
from shared.catalog import apply_all
from tests.factories.catalog import MUNICH, NOW, VIENNA, entry
from tests.factories.site import public_site

INNSBRUCK = "/in/at/tyrol/innsbruck"
PAGES = ("/", "/in/at", "/in/at/tyrol", INNSBRUCK, "/c/vehicles", "/c/bikes", f"/c/bikes{INNSBRUCK}")


@pytest.fixture(autouse=True)
def _frozen():
    with clock.freeze(NOW):
        yield


@pytest.fixture
def client(fleet, tmp_path) -> FlaskClient:
    return public_site(tmp_path)


def bike(sequence: int, **values):
    return entry(sequence, **{"category": "bikes", "section": "vehicles", **values})


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[dict[str, str | None]] = []

    def handle_starttag(self, tag, attrs) -> None:
        if tag in ("a", "link"):
            self.found.append(dict(attrs))


def links(html: str, **wanted: str) -> list[str]:
    parser = _Links()
    parser.feed(html)
    return [each["href"] or "" for each in parser.found if all(each.get(key) == value for key, value in wanted.items())]


@pytest.mark.parametrize("path", PAGES)
def test_a_listing_is_on_every_page_of_its_place_and_category(client, path):
    apply_all([bike(1, title="Steel <b>bicycle</b> & more")])
    html = client.get(path).text
    assert "Steel &lt;b&gt;bicycle&lt;/b&gt; &amp; more" in html
    assert "€120" in html


@pytest.mark.parametrize("path", PAGES)
def test_an_empty_page_leads_on(client, path):
    response = client.get(path)
    assert response.status_code == 200
    assert "/post" in links(response.text)


def test_a_page_leads_to_narrower_and_wider_ones(client):
    found = links(client.get("/c/bikes/in/at").text)
    assert {"/", "/in/at", "/c/vehicles/in/at", "/c/bikes/in/at/tyrol", "/c/cars/in/at"} <= {*found}
    assert "/in/at/tyrol" in links(client.get(INNSBRUCK).text)


def test_older_pages_follow_until_every_listing_was_seen(client):
    apply_all(bike(n) for n in range(1, 121))
    seen, path = [], INNSBRUCK
    while path:
        html = client.get(path).text
        seen += re.findall(r"Bicycle (\d+)<", html)
        path = next(iter(links(html, rel="next")), "")
    assert seen == [str(n) for n in range(120, 0, -1)]


def test_a_gallery_has_at_most_twenty_five_pictures_of_known_size(client):
    photo = {"photo_jpg": "0" * 32 + "-160.jpg", "photo_width": 160, "photo_height": 120, "photo_count": 1}
    apply_all(bike(n, **photo) for n in range(1, 40))
    html = client.get(f"{INNSBRUCK}?view=gallery").text
    pictures = re.findall("<img [^>]*>", html)
    assert 0 < len(pictures) <= 25
    assert all('width="160" height="120"' in picture for picture in pictures)
    assert "<img" not in client.get(INNSBRUCK).text


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/in/xx", 404),
        ("/in/at/nowhere", 404),
        ("/c/nothing", 404),
        ("/c/bikes/in/../../etc", 404),
        (f"{INNSBRUCK}?after=nonsense", 400),
        (f"{INNSBRUCK}?view=table", 400),
        (f"{INNSBRUCK}?after=" + "A" * 3000, 414),
    ],
)
def test_what_does_not_exist_is_said_so(client, path, status):
    response = client.get(path)
    assert response.status_code == status
    assert "<h1>" in response.text


@hypothesis_settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    text=st.text(max_size=80),
    where=st.sampled_from(["/in/{}", "/c/{}", "/c/bikes/in/{}", "/in/at?after={}", "/?view={}"]),
)
def test_no_address_breaks_a_page(client, text, where):
    response = client.get(where.format(text.replace("#", "").replace("?", "") or "x"), follow_redirects=False)
    assert response.status_code < 500


def test_a_place_by_another_spelling_leads_to_its_own_address(client):
    response = client.get("/in/at/tyrol/old-name-2775220")
    assert (response.status_code, response.headers["Location"]) == (301, INNSBRUCK)


@pytest.mark.parametrize("path", PAGES)
def test_anonymous_pages_may_be_kept_for_half_a_minute_and_are_revalidated(client, path):
    apply_all([bike(1)])
    response = client.get(path)
    assert response.headers["Cache-Control"] == "public, max-age=30"
    assert "Set-Cookie" not in response.headers
    assert client.get(path, headers={"If-None-Match": response.headers["ETag"]}).status_code == 304


@pytest.mark.parametrize("path", PAGES)
def test_a_page_names_its_address_its_feed_and_where_it_belongs(client, path):
    apply_all([bike(1)])
    html = client.get(path).text
    assert links(html, rel="canonical") == [f"http://127.0.0.1:8000{path}"]
    assert links(html, rel="alternate") == [f"{path.rstrip('/')}/feed.atom"]
    assert re.search('<meta name="description" content="[^"]{40,200}">', html)
    kinds = {
        json.loads(text)["@type"] for text in re.findall('<script type="application/ld.json">(.*?)</script>', html)
    }
    assert kinds == ({"WebSite"} if path == "/" else {"BreadcrumbList", "ItemList"})


def test_deeper_pages_stay_out_of_search_engines(client):
    apply_all(bike(n) for n in range(1, 60))
    (older,) = links(client.get(INNSBRUCK).text, rel="next")
    assert '<meta name="robots" content="noindex">' in client.get(older).text


@pytest.mark.parametrize(
    ("path", "most"),
    [("/", 10_000), (INNSBRUCK, 5_000), ("/in/at", 8_000), ("/c/vehicles", 8_000), ("/c/bikes", 8_000)],
)
def test_pages_keep_to_their_weight(client, path, most):
    words = "Almost new oak table with six chairs, drawers and a lamp in {} colours {}"
    apply_all(
        bike(n, title=words.format(n * 7919 % 100, n), price_amount=n * 991, city=(2775220, VIENNA, MUNICH)[n % 3])
        for n in range(1, 200)
    )
    assert len(brotli.compress(client.get(path).data)) <= most
