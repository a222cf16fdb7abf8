"""Every engine behind the port, empty and ready. A second adapter joins the contract by one more parameter."""

from pathlib import Path

import pytest

from shared.search import SearchIndex
from shared.search.whoosh_index import WhooshIndex


@pytest.fixture(params=["whoosh"])
def index(request: pytest.FixtureRequest, tmp_path: Path) -> SearchIndex:
    """An engine whose reader looks for news at every question."""
    engine = WhooshIndex(tmp_path / "index", check_seconds=0)
    engine.rebuild([], {})
    return engine


@pytest.fixture
def root(index: SearchIndex, tmp_path: Path) -> Path:
    """Where the index lies."""
    return tmp_path / "index"
