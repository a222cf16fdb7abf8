"""The public page of a listing: what it says, what it weighs, what caches may do, and how it ends."""

import json
import re

import brotli
import pytest

from shared import catalog, clock, ids, listings
from shared.catalog.entries import entry_of
from shared.ids import owner_of
from shared.sharding import read
from tests.factories.listings import MANIFEST, change, draft, guest_draft, published, seller
from tests.factories.plans import plans
from tests.factories.visitors import sign_in

LONG = "Well kept and always in a dry cellar. " * 60 + "\n\nhttps://example.org/manual?a=1&b=2"
HOSTILE = "<script>alert(1)</script> \"'><img src=x onerror=alert(1)> {{7*7}} </title>"


def page(listing: int) -> str:
    return f"/l/{ids.public(listing)}"


@pytest.fixture
def client(app):
    return app.test_client()


def test_the_page_is_small_public_and_without_cookies(client):
    path = page(published(seller(), photos=8, body=LONG, fields={"frame_size": "56"}))
    answer = client.get(path, headers={"Accept-Encoding": "br"})
    assert answer.status_code == 200
    assert len(answer.data) < 6 * 1024
    assert answer.headers["Cache-Control"] == "public, max-age=30"
    assert "Set-Cookie" not in answer.headers
    assert sum(len(name) + len(value) + 4 for name, value in answer.headers) < 1000
    html = brotli.decompress(answer.data).decode()
    assert "csrf" not in html
    assert "<form method" not in html
    assert html.count("<img") == 8
    assert html.count("fetchpriority=") == 1
    assert all("width=" in image and "height=" in image and "alt=" in image for image in re.findall("<img[^>]*>", html))
    assert 'href="https://example.org/manual?a=1&amp;b=2" rel="nofollow ugc noopener"' in html


def test_an_unchanged_page_is_answered_304_and_a_changed_one_in_full(client):
    listing = published(seller())
    tag = client.get(page(listing)).headers["ETag"]
    assert client.get(page(listing), headers={"If-None-Match": tag}).status_code == 304
    change(listing, listings.reserve)
    changed = client.get(page(listing), headers={"If-None-Match": tag})
    assert (changed.status_code, "Reserved" in changed.text) == (200, True)


@pytest.mark.parametrize(("query", "headers"), [("?text=1", {}), ("", {"Save-Data": "on"})])
def test_text_only_has_no_images_but_ways_to_them(client, query, headers):
    path = page(published(seller(), photos=3))
    answer = client.get(path + query, headers=headers)
    assert "<img" not in answer.text
    assert f'href="{path}/photo/3"' in answer.text
    assert "Save-Data" in answer.headers["Vary"]


def test_each_photo_has_a_page_and_others_have_none(client):
    path = page(published(seller(), photos=2))
    assert 'rel="next"' in client.get(f"{path}/photo/1").text
    assert 'rel="prev"' in client.get(f"{path}/photo/2").text
    for number in ("0", "3", "99999999999999999999"):
        assert client.get(f"{path}/photo/{number}").status_code == 404


def test_no_line_of_the_breadcrumbs_can_end_in_a_separator(client):
    html = client.get(page(published(seller()))).text
    crumbs = html.partition('aria-label="You are here">')[2].partition("</nav>")[0]
    assert crumbs.count("<a ") == crumbs.count("<span>› <a ") + 1 > 4
    assert crumbs.count("›") == crumbs.count("<span>")


def test_search_engines_read_offer_and_breadcrumbs(client):
    html = client.get(page(published(seller(), photos=1, condition="good"))).text
    offer, crumbs = (
        json.loads(each) for each in re.findall(r'<script type="application/ld\+json">(.*?)</script>', html)
    )
    assert offer["@type"] == "Product"
    assert (offer["offers"]["price"], offer["offers"]["priceCurrency"]) == ("120.00", "EUR")
    assert crumbs["@type"] == "BreadcrumbList"
    assert '<link rel="canonical" href="http://127.0.0.1:8000/l/' in html
    assert '<meta property="og:image" content="http://127.0.0.1:8000/photos/' in html


def test_nothing_that_a_seller_writes_acts(client):
    html = client.get(page(published(seller(), title=HOSTILE, body=HOSTILE, name=HOSTILE[:60]))).text
    assert "<script>alert" not in html
    assert "<img src=x" not in html
    assert "49" not in re.sub(r"\d{3,}|&#\d+;", "", html)
    assert html.count("</title>") == 1


def test_a_sold_page_stays_readable_and_leaves_the_index(client):
    owner = seller()
    listing, other = published(owner), published(owner, title="Green bicycle")
    with read(owner) as session:
        document = listings.search_document(session, other)
    catalog.apply_all([entry_of(document)])
    change(listing, listings.mark_sold)
    answer = client.get(page(listing))
    assert (answer.status_code, answer.headers["X-Robots-Tag"]) == (200, "noindex")
    assert "This has been sold" in answer.text
    assert "/reply" not in answer.text
    assert "Green bicycle" in answer.text, "similar listings help those who come too late"


def test_a_listing_on_view_asks_the_catalogue_nothing(client, fleet):
    listing = published(seller())
    assert plans(fleet.shard("c1"), lambda: client.get(page(listing))) == []
    change(listing, listings.mark_sold)
    assert plans(fleet.shard("c1"), lambda: client.get(page(listing)))


def test_an_expired_page_is_gone_but_readable(client):
    listing = published(seller())
    with clock.freeze(clock.now() + 61 * 86_400):
        answer = client.get(page(listing))
    assert (answer.status_code, answer.headers["X-Robots-Tag"]) == (410, "noindex")
    assert "has expired" in answer.text
    assert "Red bicycle" in answer.text


def test_the_photos_of_a_listing_end_as_its_page_does(client):
    sold, expired = published(seller(), photos=1), published(seller(), photos=1)
    change(sold, listings.mark_sold)
    for listing, later in ((sold, 0), (expired, 61 * 86_400)):
        with clock.freeze(clock.now() + later):
            answers = [client.get(path) for path in (page(listing), f"{page(listing)}/photo/1")]
        first, second = [(each.status_code, each.headers["X-Robots-Tag"]) for each in answers]
        assert first == second


def test_of_a_removed_listing_nothing_is_shown(client):
    listing = published(seller(), photos=1)
    change(listing, listings.remove)
    for path in (page(listing), f"{page(listing)}/photo/1"):
        answer = client.get(path)
        assert answer.status_code == 410
        assert "bicycle" not in answer.text
        assert len(answer.data) < 8000


def test_drafts_and_numbers_that_are_none_are_not_found(client):
    for path in (
        page(draft(seller())),
        page(guest_draft("key")),
        "/l/0",
        f"/l/{2**53}",
        f"/l/{2**53 - 1}",
        "/l/-1",
        "/l/x",
    ):
        assert client.get(path).status_code == 404


def test_a_guests_page_names_nobody(client):
    listing = guest_draft("key")
    change(listing, listings.publish)
    html = client.get(page(listing)).text
    assert "Without an account" in html
    assert "/u/" not in html
    assert str(owner_of(listing)) not in html


def test_its_seller_finds_the_way_to_manage_it_and_nobody_else_does(visitor):
    owner = seller()
    path = page(published(owner))
    assert "/manage" not in visitor.open(path).text
    sign_in(visitor, seller("Bo"), "Bo")
    assert "/manage" not in visitor.open(path).text
    sign_in(visitor, owner)
    answer = visitor.open(path)
    assert f"{path}/manage" in answer.text
    assert "public" not in answer.headers["Cache-Control"]


@pytest.mark.parametrize(("step", "most"), [("edit", 6), ("photos", 6), ("preview", 6)])
def test_the_steps_of_posting_are_small(visitor, step, most):
    owner = seller()
    listing = draft(owner, "cars", fields={"make": "Steyr"})
    for _ in range(12):
        change(listing, listings.add_photo, width=1280, height=960, manifest=MANIFEST)
    sign_in(visitor, owner)
    answer = visitor.open(f"/post/{ids.public(listing)}/{step}", **{"Accept-Encoding": "br"})
    assert answer.status_code == 200
    assert len(answer.data) < most * 1024
