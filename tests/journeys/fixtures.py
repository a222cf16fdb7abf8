"""Fixtures over the running site, for the journeys, the page checkers, the budgets and the security tests.

A site takes seconds to start, so that everything that asks for one runs in one worker per site (`xdist_group`).
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.journeys.pages import Street, gather
from tests.journeys.site import Site, running_site
from tests.journeys.visitor import Visitor

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


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Each site belongs to one worker: a group for MariaDB, one for the journeys, one for pages that only look."""
    for item in items:
        names = getattr(item, "fixturenames", ())
        if "any_site" in names and item.callspec.params["database"] == "mariadb":  # type: ignore[attr-defined]
            item.add_marker(pytest.mark.xdist_group("site on MariaDB"))
        elif "any_site" in names or "site" in names:
            item.add_marker(pytest.mark.xdist_group("site"))


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
def visitor(site: Site) -> Visitor:
    """Somebody who has never been here."""
    return Visitor(site)


@pytest.fixture(scope="session")
def street(site: Site) -> Street:
    """Every kind of page, and the people who saw them."""
    return gather(site)
