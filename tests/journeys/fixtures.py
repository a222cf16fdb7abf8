"""Fixtures over the running site, for the journeys, the page checkers, the budgets and the security tests.

A site takes seconds to start, so that everything that asks for the same one runs in one worker.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.journeys.pages import Street, gather
from tests.journeys.person import Person
from tests.journeys.site import Site, running_site
from tests.journeys.visitor import Visitor

NewPerson = Callable[[Site, bool], Person]
CHROMIUM = "/usr/bin/chromium"
# Without a network to phone home to, and without a GPU, Chromium would only wait for them.
_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


# Tests that start whole sites, each kind in one worker; xdist 3.8 does not see marks of pytest 9.2 (`xdist_group`).
_GROUPS = {
    "site on MariaDB": r"tests/journeys/.*\[mariadb\]",
    "site": r"tests/(journeys|checkers|budgets)/|tests/security/test_(permissions|hostile|uploads|scripts|journey)",
    "bootstrap": r"tests/runner/.*bootstrap",
    "runner": r"tests/runner/",
    "chaos": r"tests/jobs/test_(chaos|killed_workers)",
}


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> object:
    """`--dist loadgroup`, with groups known by where a test lies."""
    from xdist.scheduler import LoadScopeScheduling

    class ByGroup(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return next((group for group, pattern in _GROUPS.items() if re.match(pattern, nodeid)), nodeid)

    return ByGroup(config, log) if config.getvalue("dist") == "loadgroup" else None


@pytest.fixture(scope="session")
def site() -> Iterator[Site]:
    """The site on SQLite."""
    with running_site("sqlite") as site:
        yield site


@pytest.fixture(scope="session")
def any_site(database: str, request: pytest.FixtureRequest) -> Iterator[Site]:
    """The site once on each database."""
    if database == "sqlite":
        yield request.getfixturevalue("site")
        return
    with running_site(database) as site:
        yield site


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """A real browser."""
    if not Path(CHROMIUM).exists():
        pytest.skip("needs Chromium (apt install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=_FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def new_person(chromium: Browser) -> Iterator[NewPerson]:
    """Makes people, each with a browser profile and a network of his own."""
    contexts = []

    def make(site: Site, javascript: bool) -> Person:
        address = f"172.16.{id(site) % 200}.{len(contexts) + (1 if javascript else 101)}"
        context = chromium.new_context(
            java_script_enabled=javascript, extra_http_headers={"X-Forwarded-For": address}, base_url=site.url
        )
        contexts.append(context)
        context.set_default_timeout(20_000)
        return Person(site, context.new_page())

    yield make
    for context in contexts:
        context.close()


@pytest.fixture
def visitor(site: Site) -> Visitor:
    """Somebody who has never been here."""
    return Visitor(site)


@pytest.fixture(scope="session")
def street(site: Site) -> Street:
    """Every kind of page, and the people who saw them."""
    return gather(site)
