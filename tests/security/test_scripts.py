"""Markup in every text that people write: shown as text on every page where it appears, executed nowhere."""

import pytest
from playwright.sync_api import Browser

from tests.factories import photos
from tests.journeys.pages import PASSWORD
from tests.journeys.site import Site, demo_person
from tests.journeys.visitor import Visitor

PAYLOADS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(2)>',
    "'><svg/onload=alert(3)>",
    "</title></textarea></script><script>alert(4)</script>",
    "javascript:alert(5)",
    '<a href=javascript:alert(6)>x</a> https://e.example/"onmouseover="alert(7)',
    "{{constructor.constructor('alert(8)')()}}",
    "<iframe srcdoc='<script>alert(9)</script>'></iframe>",
    "</script><script>alert(10)</script>",
    "<div data-hx-get=/ hx-on:load=alert(11) hx-trigger=load>",
)
EVERYTHING = " ".join(PAYLOADS)
# Elements that could act, whether or not the policy would let them; the search box completes words by itself.
_ACTING = "script:not([src]):not([type*=json]), iframe, svg, [data-hx-get]:not([data-hx-get='/search/suggest'])"
_LIVE = f"""() => [...document.querySelectorAll("{_ACTING}"),
    ...[...document.querySelectorAll("*")].filter(e => e.getAttributeNames().some(name => /^(on|hx-)/.test(name))),
    ...[...document.links].filter(e => !/^https?:$/.test(e.protocol))].map(e => e.outerHTML)"""


@pytest.fixture(scope="module")
def pages(site: Site) -> tuple[Visitor, list[str]]:
    """The author of markup everywhere, and the pages that show it."""
    author, address = Visitor(site), "markup@example.org"
    form = author.get("/signup")
    refused = author.submit(form, email=address, name='"><img src=x onerror=alert(12)>', password=PASSWORD)
    assert refused.status == 422
    author.submit(form, email=address, name="Mallory", password=PASSWORD)
    author.submit(author.get(site.mailed_link(address, "/account/confirm/")), password=PASSWORD)
    listings = [_post(author, payload) for payload in PAYLOADS]
    buyer = Visitor(site).log_in(*demo_person(9))
    buyer.submit(buyer.get(f"{listings[0]}/reply"), body=EVERYTHING)
    site.mail(address, "alert(1)")
    inbox = author.get("/account/messages")
    found = [link for link in inbox.links if link.startswith("/account/messages/")]
    seller = next(link for link in author.get(listings[0]).links if link.startswith("/u/"))
    found += [*listings, f"{listings[0]}/photo/1", f"{listings[0]}/manage", f"{listings[0]}/delete", seller]
    found += ["/account", "/account/listings", "/account/messages", "/in/at/tyrol/innsbruck", "/account/name"]
    found += [f"/post/{listings[0].rpartition('/')[2]}/{step}" for step in ("edit", "photos")]
    return author, found


def _post(author: Visitor, payload: str) -> str:
    edit = author.get(author.submit(author.get("/post"), category="furniture").location)
    saved = author.submit(
        edit,
        **{"title": payload[:70] + " chair", "body": f"{payload}\n\n{EVERYTHING}", "place": "Innsbruck"},
        **{"price_kind": "amount", "price_amount": "5", "fields-material": payload[:40]},
    )
    assert saved.status == 303, saved.text
    form = author.get(saved.location).form("photo")
    sent = author.post(saved.location, form.filled({"alt": payload}), [("photo", payload[:40], photos.jpeg(64, 48))])
    assert sent.status == 303
    return author.submit(author.get(saved.location.replace("/photos", "/preview"))).location


def test_nothing_that_people_write_is_executed(site: Site, chromium: Browser, pages: tuple[Visitor, list[str]]) -> None:
    author, paths = pages
    context = chromium.new_context(extra_http_headers={"X-Forwarded-For": author.address})
    context.add_cookies([{"name": name, "value": value, "url": site.url} for name, value in author.cookies.items()])
    page, executed = context.new_page(), list[str]()
    page.on("dialog", lambda dialog: (executed.append(f"{page.url}: {dialog.message}"), dialog.dismiss()))
    searches = [f"/search?q={payload.replace('&', '%26').replace('#', '%23')}" for payload in PAYLOADS]
    for path in [*paths, *searches, f"/login?next={PAYLOADS[1]}"]:
        answer = page.goto(site.url + path)
        assert answer and answer.status < 400, path
        executed += [f"{path}: {each}" for each in page.evaluate(_LIVE)]
    assert executed == []
    context.close()


def test_pages_refuse_scripts_that_are_put_in_all_the_same(site: Site, chromium: Browser) -> None:
    """The second wall: were text ever put in unescaped, the policy would not let it run."""
    page = chromium.new_page()
    page.route(f"{site.url}/", lambda route: _with_script(route))
    page.on("dialog", lambda dialog: pytest.fail(f"ran {dialog.message}"))
    page.goto(f"{site.url}/")
    assert page.title() == "broken into"
    page.close()


def _with_script(route) -> None:  # type: ignore[no-untyped-def]
    answer = route.fetch()
    body = answer.text().replace(
        "<title>", "<title>broken into</title><script>alert(1)</script><b onclick=alert(2)><title>"
    )
    route.fulfill(response=answer, body=body)
