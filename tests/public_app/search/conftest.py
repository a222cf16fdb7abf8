"""The public site over an empty market, at a fixed time."""

import pytest

from shared import clock
from tests.factories.catalog import NOW
from tests.factories.site import public_site


@pytest.fixture(autouse=True)
def _frozen():
    with clock.freeze(NOW):
        yield


@pytest.fixture
def client(fleet, tmp_path):
    return public_site(tmp_path)
