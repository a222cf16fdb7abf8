"""Addresses are built in one place, and only our own are redirected to."""

import pytest

from shared.web import urls


def test_addresses_of_pages() -> None:
    assert urls.browse() == "/"
    assert urls.browse("at/tyrol") == "/in/at/tyrol"
    assert urls.browse("at", "bicycles", after="x") == "/c/bicycles/in/at?after=x"
    assert urls.search(q="a b", place="", min_price=None, sort="new") == "/search?q=a+b&sort=new"
    assert urls.feed("/in/at") == "/in/at/feed.atom"
    assert urls.feed("/") == "/feed.atom"
    assert urls.feed("/search?q=x") == "/search.atom?q=x"
    assert urls.login("/l/1?x=1") == "/login?next=/l/1%3Fx%3D1"
    assert urls.listing(5).startswith("/l/")


@pytest.mark.parametrize("given", ["/account", "/l/1?after=x", "/search?q=https://x"])
def test_own_paths_are_followed(given: str) -> None:
    assert urls.own_path(given) == given


@pytest.mark.parametrize(
    "given", ["", "https://evil.example", "//evil.example", "/\\evil.example", "/a\\b", "/a\nb", "javascript:x", "a"]
)
def test_foreign_targets_are_not(given: str) -> None:
    assert urls.own_path(given, "/home") == "/home"
