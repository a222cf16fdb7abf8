"""The site with an index that finds nothing."""

import pytest
from flask import Flask

from shared.search import open_index
from tests.factories.settings import settings
from tests.factories.site import public_site


@pytest.fixture
def app(fleet, tmp_path) -> Flask:
    open_index(settings(tmp_path)).rebuild([], {})
    return public_site(tmp_path).application
