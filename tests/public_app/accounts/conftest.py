"""A visitor of a site with nobody in it."""

from pathlib import Path

import pytest
from flask.testing import FlaskClient

from shared.sharding import Fleet
from tests.factories.site import public_site


@pytest.fixture
def visitor(fleet: Fleet, tmp_path: Path) -> FlaskClient:
    return public_site(tmp_path)
