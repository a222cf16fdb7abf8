"""A seller who looks at his endpoints."""

from collections.abc import Callable

import pytest

from tests.factories.listings import seller
from tests.factories.visitors import Visitor, sign_in


@pytest.fixture
def ada(app) -> int:
    """The seller, by owner."""
    return seller("Ada")


@pytest.fixture
def visitor(app, ada) -> Visitor:
    """The seller's browser."""
    visitor = Visitor(app)
    sign_in(visitor, ada, "Ada")
    return visitor


@pytest.fixture
def stranger(app) -> Callable[[], Visitor]:
    """Makes the browser of somebody else with an account."""

    def make() -> Visitor:
        visitor = Visitor(app)
        sign_in(visitor, seller("Eve"), "Eve")
        return visitor

    return make
