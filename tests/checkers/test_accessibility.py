"""Every kind of page in Chromium, narrow and wide, light and dark: no violation by axe, nothing to scroll sideways."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.journeys.pages import Shown, Street
from tests.journeys.site import Site

AXE = Path(__file__).parent / "node_modules" / "axe-core" / "axe.min.js"
_TAGS = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
# Of all rules only this one can turn out differently in other colours.
_COLOURS = {"type": "rule", "values": ["color-contrast"]}
_RUN = """async which => (await axe.run(document, {runOnly: which, resultTypes: ["violations"]}))
    .violations.map(v => `${v.id}: ${v.help} (${v.nodes.map(n => n.target).join(", ")})`)"""
_WIDER_THAN_WINDOW = """() => document.documentElement.scrollWidth <= innerWidth ? []
    : [...document.querySelectorAll("body *")].filter(e => e.getBoundingClientRect().right > innerWidth + 1)
        .map(e => `wider than the window: ${e.outerHTML.slice(0, 90)}`)"""
WIDTHS = (320, 1280)
SCHEMES = (("light", _TAGS), ("dark", _COLOURS))


@pytest.fixture(scope="module")
def context(site: Site, chromium: Browser) -> Iterator[BrowserContext]:
    """A browser that axe can be put into past the pages' own policy."""
    if not AXE.exists():
        pytest.skip("needs the page checkers (python3 run.py test installs them)")
    context = chromium.new_context(bypass_csp=True, extra_http_headers={"X-Forwarded-For": "172.17.0.1"})
    context.add_init_script(path=AXE)
    yield context
    context.close()


def test_pages_are_accessible_narrow_and_wide_light_and_dark(
    site: Site, street: Street, context: BrowserContext
) -> None:
    page = context.new_page()
    found = []
    for shown in street.pages.values():
        show(page, site, shown)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            found += [f"{shown.name}, {width}: {words}" for words in page.evaluate(_WIDER_THAN_WINDOW)]
            for scheme, rules in SCHEMES:
                page.emulate_media(color_scheme=scheme)
                found += [f"{shown.name}, {width}, {scheme}: {words}" for words in page.evaluate(_RUN, rules)]
    assert not found, "\n".join(found)


def test_axe_sees_a_picture_without_words(context: BrowserContext) -> None:
    page = context.new_page()
    page.goto("data:text/html,<img src=x width=300 height=300>")
    assert any("image-alt" in words for words in page.evaluate(_RUN, _TAGS))


def show(page: Page, site: Site, shown: Shown) -> None:
    """Show a page as its visitor got it: answers to forms and private pages cannot be asked for again."""
    url = site.url + shown.reply.path
    page.unroute_all()
    headers = {name: value for name, value in shown.reply.headers.items() if name.lower().startswith("content-type")}
    page.route(url, lambda route: route.fulfill(status=shown.reply.status, headers=headers, body=shown.reply.body))
    page.goto(url)
