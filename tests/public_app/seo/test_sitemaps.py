"""Crawlers find every listing, place and category, in files of stable names."""

from xml.etree import ElementTree

import pytest

from public_app.seo import sitemaps
from shared import clock
from shared.catalog import apply_all
from tests.factories.catalog import DAY, NOW, entry
from tests.factories.site import public_site

LOC = ".//{http://www.sitemaps.org/schemas/sitemap/0.9}loc"
SITE = "http://127.0.0.1:8000"


@pytest.fixture
def client(fleet, tmp_path):
    sitemaps._windows.cache_clear()
    with clock.freeze(NOW):
        yield public_site(tmp_path)


def locations(client, path: str) -> list[str]:
    response = client.get(path)
    assert response.mimetype == "application/xml"
    return [each.text or "" for each in ElementTree.fromstring(response.data).findall(LOC)]


def test_the_index_leads_to_every_listing_once(client):
    entries = [entry(n, created_at=NOW - n * DAY) for n in range(1, 8)]
    apply_all(entries)
    maps = [each.removeprefix(SITE) for each in locations(client, "/sitemap.xml")]
    found = [url for path in maps if "listings" in path for url in locations(client, path)]
    assert sorted(found) == sorted(f"{SITE}/l/{each.public_id}" for each in entries)


def test_the_index_leads_to_places_and_categories(client):
    assert f"{SITE}/sitemaps/places-at.xml" in locations(client, "/sitemap.xml")
    assert f"{SITE}/in/at/tyrol/innsbruck" in locations(client, "/sitemaps/places-at.xml")
    assert f"{SITE}/c/bikes" in locations(client, "/sitemaps/categories.xml")


def test_a_crowded_day_is_filed_by_the_hour(client, monkeypatch):
    monkeypatch.setattr(sitemaps, "_CROWDED_DAY", 3)
    day = NOW // DAY * DAY - DAY
    apply_all(entry(n, created_at=day + n * 600) for n in range(1, 9))
    maps = [each.removeprefix(SITE) for each in locations(client, "/sitemap.xml") if "listings" in each]
    assert len(maps) == 24
    assert len([url for path in maps for url in locations(client, path)]) == 8


@pytest.mark.parametrize("name", ["listings-2026-13-40", "listings-2026-11-21T99", "places-xx", "users", "listings"])
def test_an_unknown_sitemap_is_not_found(client, name):
    assert client.get(f"/sitemaps/{name}.xml").status_code == 404


def test_robots_are_told_where_the_index_is_and_may_read_the_search_page(client):
    text = client.get("/robots.txt").text
    assert f"Sitemap: {SITE}/sitemap.xml" in text
    assert "Disallow: /search" not in text.splitlines()
    assert '<meta name="robots" content="noindex">' in client.get("/search?q=").text
