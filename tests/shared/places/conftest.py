"""The gazetteer from a compiled file that outlives the run, so that these tests start at once."""

import pytest

from shared import places


@pytest.fixture(scope="session", autouse=True)
def _gazetteer(pytestconfig: pytest.Config) -> None:
    places.load(pytestconfig.cache.mkdir("places"))
