"""The site over real databases, with visitors."""

from collections.abc import Callable

import pytest
from flask import Flask

from tests.factories.site import public_site
from tests.factories.visitors import Visitor


@pytest.fixture
def app(fleet, tmp_path) -> Flask:
    return public_site(tmp_path).application


@pytest.fixture
def visitor(app) -> Visitor:
    return Visitor(app)


@pytest.fixture
def another(app) -> Callable[[], Visitor]:
    return lambda: Visitor(app)
