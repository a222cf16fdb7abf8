"""Every page that links lead to, without JavaScript: alive, usable by keys alone, ours alone, the same with scripts."""

import re
from collections import Counter, deque
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page

from tests.journeys.site import Site, demo_person

MOST_PAGES, OF_ONE_SHAPE = 50, 2
_FAULTS = (Path(__file__).parent / "faults.js").read_text()


def test_links_of_the_signed_out_lead_to_pages_that_work_without_scripts(site: Site, chromium: Browser) -> None:
    assert _crawl(site, chromium, "/", "") == []


def test_links_of_an_account_lead_to_pages_that_work_without_scripts(site: Site, chromium: Browser) -> None:
    assert _crawl(site, chromium, "/account", demo_person(5)[0]) == []


def _crawl(site: Site, chromium: Browser, start: str, account: str) -> list[str]:
    """Faults of pages that can be reached from `start`, a few of each shape; logged in where an account is named."""
    headers = {"X-Forwarded-For": "172.18.0.1"}
    plain = chromium.new_context(java_script_enabled=False, extra_http_headers=headers)
    if account:
        _log_in(site, plain.new_page(), account)
    scripted = chromium.new_context(extra_http_headers=headers, storage_state=plain.storage_state())
    pages, foreign = (plain.new_page(), scripted.new_page()), list[str]()
    for page in pages:
        page.on("request", lambda request: None if request.url.startswith(site.url) else foreign.append(request.url))
    found, seen, shapes, queue = list[str](), set[str](), Counter[str](), deque([start])
    while queue and sum(shapes.values()) < MOST_PAGES:
        path = queue.popleft().partition("#")[0]
        shape = re.sub(r"\d+|(?<=/in/).*|(?<=/c/).*", "N", path.partition("?")[0])
        if path in seen or shapes[shape] >= OF_ONE_SHAPE:
            continue
        seen.add(path)
        shapes[shape] += 1
        words, links = _visit(site, pages, path)
        found += [f"{path}: {each}" for each in (*words, *(f"asks {url}" for url in foreign))]
        foreign.clear()
        queue += links
    assert len(shapes) > 8, shapes
    plain.close()
    scripted.close()
    return found


def _visit(site: Site, pages: tuple[Page, Page], path: str) -> tuple[list[str], list[str]]:
    """The faults of one page, shown without and with scripts, and where its links lead."""
    answer = pages[0].request.get(site.url + path)
    # The time of a listing may be up since the page was made that leads to it; its own page must say so well.
    if not 200 <= answer.status < 400 and not (answer.status == 410 and path.startswith("/l/")):
        return [f"status {answer.status}"], []
    if "text/html" not in answer.headers["content-type"]:
        return [], []
    for page in pages:
        page.goto(site.url + path)
    faults = list(pages[0].evaluate(_FAULTS))
    without, with_scripts = (" ".join(page.locator("main").inner_text().split()) for page in pages)
    if without != with_scripts:
        faults.append(f"says other things with scripts: {without!r}, {with_scripts!r}")
    links = pages[0].evaluate("() => [...document.links].map(a => a.href)")
    return faults, [_path(link) for link in links if link.startswith(site.url + "/")]


def _path(link: str) -> str:
    parts = urlsplit(link)
    return parts.path + (f"?{parts.query}" if parts.query else "")


def _log_in(site: Site, page: Page, address: str) -> None:
    page.goto(f"{site.url}/login")
    page.get_by_label("E-mail address").fill(address)
    page.get_by_label("Password").fill(demo_person(1)[1])
    page.locator("main button").click()
    page.close()
