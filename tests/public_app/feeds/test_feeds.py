"""Every browse page has an Atom feed that any reader can parse, whatever the titles hold."""

from xml.etree import ElementTree

import pytest

from shared import clock
from shared.catalog import apply_all
from tests.factories.catalog import NOW, entry
from tests.factories.site import public_site

ATOM = "{http://www.w3.org/2005/Atom}"
FEEDS = (
    "/feed.atom",
    "/in/at/feed.atom",
    "/in/at/tyrol/innsbruck/feed.atom",
    "/c/bikes/feed.atom",
    "/c/bikes/in/at/feed.atom",
)


@pytest.fixture
def client(fleet, tmp_path):
    with clock.freeze(NOW):
        yield public_site(tmp_path)


@pytest.mark.parametrize("path", FEEDS)
def test_a_feed_has_what_the_standard_demands(client, path):
    apply_all(entry(n, category="bikes", title="Räder <&> \x0b]]> more") for n in range(1, 4))
    response = client.get(path)
    assert response.mimetype == "application/atom+xml"
    assert response.headers["Cache-Control"] == "public, max-age=30"
    feed = ElementTree.fromstring(response.data)
    assert feed.findtext(f"{ATOM}id") == f"http://127.0.0.1:8000{path}"
    assert feed.find(f"{ATOM}author/{ATOM}name") is not None
    entries = feed.findall(f"{ATOM}entry")
    assert [each.findtext(f"{ATOM}title") for each in entries] == ["Räder <&> ]]> more"] * 3
    assert len({each.findtext(f"{ATOM}id") for each in entries}) == 3
    assert all(len(each.findtext(f"{ATOM}updated") or "") == 20 for each in entries)
    assert feed.findtext(f"{ATOM}updated") == entries[0].findtext(f"{ATOM}updated")


@pytest.mark.parametrize("path", FEEDS)
def test_an_empty_feed_is_a_feed(client, path):
    feed = ElementTree.fromstring(client.get(path).data)
    assert feed.findall(f"{ATOM}entry") == []
    assert feed.findtext(f"{ATOM}updated")


def test_a_feed_of_no_place_is_not_found(client):
    assert client.get("/in/xx/feed.atom").status_code == 404
