"""Hostile files through the real form: refused in words, or made harmless; and names that wish to be paths."""

import io
import re

import pytest
from PIL import Image

from tests.factories import photos
from tests.journeys.pages import Street
from tests.journeys.site import Site
from tests.journeys.visitor import Reply, Visitor
from tests.security.state import changed, contents

HOSTILE = {name: make for name, (_, make) in photos.REFUSED.items()}
FILE_NAMES = [
    "../../../../tmp/evil.jpg",
    "..\\..\\evil.jpg",
    "/etc/passwd",
    "a\0.jpg",
    "<script>.jpg",
    "x" * 3000,
    "'; rm -rf",
    "con.jpg",
]
FILE_NAMES += ['"; filename="b.php', "a\r\nX-Evil: 1"]


@pytest.fixture
def draft(site: Site) -> tuple[Visitor, str]:
    """Somebody with a draft of his own: the path of its photo step."""
    visitor = Visitor(site)
    start = visitor.get("/post")
    return visitor, visitor.submit(start, category="household").location.replace("/edit", "/photos")


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_file_is_refused_in_words(site: Site, draft: tuple[Visitor, str], name: str) -> None:
    before = contents(site)
    reply = _upload(*draft, HOSTILE[name]())
    assert 400 <= reply.status < 500
    assert reply.is_page
    assert changed(before, site) == []


@pytest.mark.parametrize("name", FILE_NAMES)
def test_name_of_a_file_means_nothing(site: Site, draft: tuple[Visitor, str], name: str) -> None:
    assert _upload(*draft, photos.jpeg(64, 48), name).status in (303, 400)
    assert list(site.var.parent.rglob("*evil*")) == []


def test_what_comes_back_is_a_picture_and_only_that(site: Site, draft: tuple[Visitor, str]) -> None:
    visitor, path = draft
    assert _upload(visitor, path, photos.polyglot()).status == 303
    assert _upload(visitor, path, photos.oriented(6)).status == 303
    files = re.findall(r'src="(/photos/[^"]+)"', visitor.get(path).text)
    assert len(files) == 2
    for file in files:
        served = Visitor(site).get(file)
        assert served.headers.get_content_type() in ("image/jpeg", "image/avif")
        assert "sandbox" in served.headers["Content-Security-Policy"]
        assert served.headers["X-Content-Type-Options"] == "nosniff"
        for secret in (b"<script", b"PK\x03\x04", photos.GPS_TEXT, b"Exif"):
            assert secret not in served.body
        Image.open(io.BytesIO(served.body)).verify()


def test_photos_of_others_cannot_be_changed(site: Site, street: Street, draft: tuple[Visitor, str]) -> None:
    """Neither by their own address nor by another draft's."""
    visitor, path = draft
    before = contents(site)
    token = dict(visitor.get("/post").form().fields)["csrf_token"]
    theirs = street.listing.replace("/l/", "/post/") + "/photos"
    for target in (f"{path}/{street.photo}", f"{theirs}/{street.photo}"):
        assert visitor.post(target, [("csrf_token", token), ("action", "remove")]).status == 404
    assert changed(before, site) == []


def _upload(visitor: Visitor, path: str, data: bytes, name: str = "photo.jpg") -> Reply:
    form = visitor.get(path).form("photo")
    return visitor.post(form.action, form.filled({}), [("photo", name, data)])
