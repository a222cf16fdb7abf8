"""Visitors who are signed in as buyer and seller."""

from collections.abc import Callable

import pytest

from shared import ids
from tests.factories.messages import Pair, copy_of, pair
from tests.factories.visitors import Visitor, sign_in


@pytest.fixture
def both(app) -> Pair:
    return pair()


@pytest.fixture
def bo(app, both) -> Visitor:
    """The buyer's browser."""
    visitor = Visitor(app)
    sign_in(visitor, both.buyer, "Bo")
    return visitor


@pytest.fixture
def ada(app, both) -> Visitor:
    """The seller's browser."""
    visitor = Visitor(app)
    sign_in(visitor, both.seller, "Ada")
    return visitor


@pytest.fixture
def path(both) -> Callable[[int], str]:
    """The address of somebody's copy of the thread."""
    return lambda owner: f"/account/messages/{ids.public(copy_of(both, owner).id)}"
