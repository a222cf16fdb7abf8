"""Slow and broken lines, by sockets: they hold up nobody else, change nothing by halves, and are told what is wrong."""

import contextlib
import re
import select
import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser

from shared.web.bodies import MOST_OF_A_NETWORK
from tests.factories import photos
from tests.journeys.person import Person
from tests.journeys.site import Site
from tests.journeys.visitor import Visitor
from tests.security.state import changed, contents

LONGEST_WAIT = 15
TOO_LARGE = 12_000_000
_FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def lines(site: Site) -> "Iterator[Lines]":
    with contextlib.ExitStack() as stack:
        yield Lines(site, stack)


class Lines:
    """Opens connections, all closed at the end."""

    def __init__(self, site: Site, stack: contextlib.ExitStack) -> None:
        self.site, self._stack = site, stack

    def open(self, first: bytes) -> socket.socket:
        """A connection on which so much has been sent."""
        host, _, port = self.site.url.removeprefix("http://").partition(":")
        line = self._stack.enter_context(socket.create_connection((host, int(port)), timeout=LONGEST_WAIT))
        line.sendall(first)
        return line

    def post(self, visitor: Visitor, path: str, length: int, first: bytes, media_type: str = _FORM) -> socket.socket:
        """A connection with the head of a form and the first bytes of its body."""
        cookies = "; ".join(f"{name}={value}" for name, value in visitor.cookies.items())
        head = (
            f"POST {path} HTTP/1.1\r\nHost: test\r\nX-Forwarded-For: {visitor.address}\r\nCookie: {cookies}\r\n"
            f"Content-Type: {media_type}\r\nContent-Length: {length}\r\n\r\n"
        )
        return self.open(head.encode() + first)


def answer(line: socket.socket) -> str:
    """All that comes until the answer is complete."""
    line.settimeout(30)
    said = b""
    while b"</html>" not in said and (more := line.recv(65536)):
        said += more
    return said.decode()


def test_200_unfinished_headers_stop_no_reader_and_are_hung_up_on(site: Site, lines: Lines) -> None:
    waiting = [lines.open(b"GET / HTTP/1.1\r\nHost: test\r\n") for _ in range(200)]
    assert Visitor(site).get("/").status == 200
    assert Visitor(site).get("/search?q=table").status == 200
    assert {line.recv(100) for line in waiting} == {b""}


def test_silent_connection_is_hung_up_on(lines: Lines) -> None:
    assert lines.open(b"").recv(100) == b""


def test_unfinished_bodies_stop_no_reader(site: Site, lines: Lines) -> None:
    """There are many more of them than the site serves requests at once."""
    slow = [Visitor(site) for _ in range(3)]
    for visitor in slow:
        visitor.get("/login")
    waiting = {lines.post(visitor, "/login", 5, b"a=") for visitor in slow for _ in range(MOST_OF_A_NETWORK)}
    waiting.add(lines.post(slow[0], "/login", 5, b"a="))
    (one_too_many,), _, _ = select.select(waiting, [], [], LONGEST_WAIT)
    refused = answer(one_too_many)
    assert refused.startswith("HTTP/1.1 429 ")
    assert "\r\nretry-after: " in refused.lower()
    assert Visitor(site).get("/").status == 200
    visitor = Visitor(site)
    assert visitor.submit(visitor.get("/login"), email="nobody@example.org", password="wrong").status == 422
    for line in waiting - {one_too_many}:
        line.sendall(b"bcd")
    assert {answer(line)[:13] for line in waiting - {one_too_many}} == {"HTTP/1.1 403 "}


def test_listing_that_arrives_by_half_is_not_saved(site: Site, lines: Lines) -> None:
    visitor = Visitor(site)
    edit = visitor.get(visitor.submit(visitor.get("/post"), category="household").location)
    form = edit.form()
    values = {"title": "A kettle", "price_kind": "free", "place": "Innsbruck", "body": "It whistles. " * 50}
    body = urlencode(form.filled(values)).encode()
    before = contents(site)
    line = lines.post(visitor, form.action, len(body), body[:-200])
    line.shutdown(socket.SHUT_WR)
    assert "303" not in answer(line)[:20]
    assert changed(before, site) == []
    assert visitor.post(form.action, form.filled(values)).status == 303


def test_body_without_a_length_is_refused(site: Site, lines: Lines) -> None:
    head = b"POST /login HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n"
    line = lines.open(head + b"1\r\na\r\n0\r\n\r\n")
    assert answer(line).startswith("HTTP/1.1 411 ")


def test_photo_beyond_the_limit_is_heard_out_and_told_so(site: Site, lines: Lines) -> None:
    visitor = Visitor(site)
    path = visitor.submit(visitor.get("/post"), category="household").location.replace("/edit", "/photos")
    line = lines.post(visitor, path, TOO_LARGE, b"", "multipart/form-data; boundary=x")
    line.settimeout(60)
    line.sendall(b"x" * TOO_LARGE)
    said = answer(line)
    assert said.startswith("HTTP/1.1 413 ")
    assert "larger than we accept" in said


def test_browser_shows_that_a_photo_is_too_large(site: Site, chromium: Browser, tmp_path: Path) -> None:
    file = tmp_path / "large.jpg"
    file.write_bytes(photos.jpeg(64, 48) + bytes(TOO_LARGE))
    context = chromium.new_context(java_script_enabled=False, extra_http_headers={"X-Forwarded-For": "172.20.0.1"})
    person = Person(site, context.new_page()).describe("Large photo of a kettle", "It whistles.", "5")
    person.page.get_by_label(re.compile("^Add a")).set_input_files(file)
    person.press("Upload").reads("larger than we accept")
    context.close()
