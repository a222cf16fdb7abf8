"""What pages weigh and carry, by kind. What needs a clock is for `run.py bench`."""

import gzip

import brotli
import pytest
from playwright.sync_api import Browser, Response

from tests.journeys.pages import Shown, Street
from tests.journeys.site import Site
from tests.journeys.visitor import Reply, Visitor

KB = 1024
# Of each kind of page: HTML bytes in Brotli; then requests and bytes in all, without and with JavaScript.
BUDGETS = {
    "home": (10 * KB, 2, 11 * KB, 2, 11 * KB),
    "country": (8 * KB, 2, 9 * KB, 3, 22 * KB),
    "city": (5 * KB, 2, 6 * KB, 2, 6 * KB),
    "category": (8 * KB, 2, 9 * KB, 3, 22 * KB),
    "category with photos": (8 * KB, 27, 70 * KB, 28, 83 * KB),
    "search": (8 * KB, 2, 9 * KB, 3, 22 * KB),
    "search with photos": (8 * KB, 27, 70 * KB, 28, 83 * KB),
    "search without results": (8 * KB, 2, 9 * KB, 3, 22 * KB),
    "listing": (6 * KB, 11, 45 * KB, 11, 45 * KB),
    "listing as text": (6 * KB, 2, 7 * KB, 2, 7 * KB),
    "post without an account": (6 * KB, 2, 7 * KB, 3, 20 * KB),
    "log in": (3 * KB, 2, 4 * KB, 2, 4 * KB),
    "forgotten password": (3 * KB, 2, 4 * KB, 2, 4 * KB),
    "no such page": (2 * KB, 2, 3 * KB, 2, 3 * KB),
}
# Kinds that only somebody with a session or a form sees are weighed as HTML.
HTML_BUDGETS = {
    "region": 8 * KB,
    "category in a place": 8 * KB,
    "sold listing": 6 * KB,
    "expired listing": 6 * KB,
    "seller": 8 * KB,
    "photo": 3 * KB,
    "post: details": 6 * KB,
    "edit with mistakes": 6 * KB,
    "post: photos": 6 * KB,
    "account": 3 * KB,
    "webhooks": 3 * KB,
    "webhook: edit": 4 * KB,
    "webhook: endpoint": 4 * KB,
    "webhook: deliveries": 4 * KB,
    "webhook: delivery": 4 * KB,
    "webhook: replay which=all": 4 * KB,
    "webhooks for developers": 10 * KB,
    "sign up with mistakes": 3 * KB,
    "removed listing": 2 * KB,
    "form without a token": 2 * KB,
    "too large": 2 * KB,
    "error 429": 2 * KB,
    "error 500": 2 * KB,
    "error 503": 2 * KB,
}
HEADER_BYTES = 700
SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
POLICY = ("default-src 'none'", "script-src 'self'", "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'")


@pytest.mark.parametrize("name", [*BUDGETS, *HTML_BUDGETS])
def test_page_is_within_its_weight(street: Street, name: str) -> None:
    budget = BUDGETS[name][0] if name in BUDGETS else HTML_BUDGETS[name]
    reply = street.pages[name].reply
    # The quality of dynamic answers, so that a page that cannot be asked for twice is weighed like the others.
    assert len(brotli.compress(reply.body, quality=3)) <= budget
    assert len(gzip.compress(reply.body, 6)) <= budget * 1.35


@pytest.mark.parametrize("name", BUDGETS)
def test_each_encoding_says_the_same(site: Site, street: Street, name: str) -> None:
    visitor, path = Visitor(site), street.pages[name].reply.path
    plain, zipped, brotlied = (visitor.get(path, Accept_Encoding=each) for each in ("identity", "gzip", "br"))
    assert plain.headers["Content-Encoding"] is None
    assert (zipped.headers["Content-Encoding"], brotlied.headers["Content-Encoding"]) == ("gzip", "br")
    assert len(brotlied.body) <= BUDGETS[name][0]
    assert len(zipped.body) <= BUDGETS[name][0] * 1.35
    if "Set-Cookie" not in plain.headers and plain.status == 200:
        assert gzip.decompress(zipped.body) == brotli.decompress(brotlied.body) == plain.body


@pytest.mark.parametrize("javascript", [False, True], ids=["without JavaScript", "with JavaScript"])
def test_pages_need_few_requests_and_bytes(site: Site, street: Street, chromium: Browser, javascript: bool) -> None:
    found = []
    for name, (_, plain_requests, plain_bytes, requests, most) in BUDGETS.items():
        count, weight = _loaded(chromium, site.url + street.pages[name].reply.path, javascript)
        allowed = (requests, most) if javascript else (plain_requests, plain_bytes)
        if count > allowed[0] or weight > allowed[1]:
            found.append(f"{name}: {count} requests and {weight:,} bytes, allowed {allowed[0]} and {allowed[1]:,}")
    assert not found, "\n".join(found)


def _loaded(chromium: Browser, url: str, javascript: bool) -> tuple[int, int]:
    """Requests and body bytes of one cold load."""
    context = chromium.new_context(java_script_enabled=javascript, viewport={"width": 412, "height": 915})
    page, answers = context.new_page(), list[Response]()
    page.on("response", lambda answer: answers.append(answer))
    page.goto(url)
    weight = sum(answer.request.sizes()["responseBodySize"] for answer in answers)
    context.close()
    return len(answers), weight


def test_response_headers_are_small(street: Street) -> None:
    found = [f"{name}: {size}" for name, shown in street.pages.items() if (size := _header_bytes(shown)) > HEADER_BYTES]
    assert not found, "\n".join(found)


def _header_bytes(shown: Shown) -> int:
    return len(b"HTTP/1.1 200 OK\r\n") + len(shown.reply.headers.as_bytes())


def test_pages_for_everybody_set_no_cookie(street: Street) -> None:
    """A form binds its token to a cookie; every other page for the signed-out may be kept by any cache."""
    found = [
        name
        for name, shown in street.pages.items()
        if shown.anonymous and "Set-Cookie" in shown.reply.headers and 'name="csrf_token"' not in shown.reply.text
    ]
    # Seeing a notice once takes its cookie away.
    assert [name for name in found if 'class="notice"' not in street.pages[name].reply.text] == []


def test_every_answer_carries_the_security_headers(site: Site, street: Street) -> None:
    replies = {name: shown.reply for name, shown in street.pages.items() if not name.startswith("error ")}
    visitor = Visitor(site)
    paths = ["/robots.txt", "/sitemap.xml", "/feed.atom", "/healthz", "/static/none.css", "/%ff", "/photos/none.jpg"]
    paths += [*_files(street.pages["listing"].reply), f"/search?q={'a' * 3000}"]
    replies |= {path: visitor.get(path) for path in paths}
    wrong = [f"{name}: {words}" for name, reply in replies.items() for words in _missing(reply)]
    assert not wrong, "\n".join(wrong)


def _files(page: Reply) -> list[str]:
    return [link for link in page.links if link.startswith("/static/")]


def _missing(reply: Reply) -> list[str]:
    policy = reply.headers.get("Content-Security-Policy", "")
    wanted = () if "sandbox" in policy else POLICY
    wrong = [
        f"{name} is {reply.headers[name]}" for name, value in SECURITY_HEADERS.items() if reply.headers[name] != value
    ]
    wrong += [f"the policy lacks {part}: {policy}" for part in wanted if part not in policy]
    return wrong + ["it may run unsafe code"] * ("unsafe" in policy)


def test_private_pages_are_kept_by_no_cache(street: Street) -> None:
    kept = [
        f"{name}: {shown.reply.headers['Cache-Control']}"
        for name, shown in street.pages.items()
        if not shown.anonymous
        and "private" not in (said := shown.reply.headers["Cache-Control"])
        and "no-store" not in said
    ]
    assert not kept, "\n".join(kept)
