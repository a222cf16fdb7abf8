"""The policy of the tests, and a seller with an endpoint."""

import pytest

from tests.factories import webhooks
from tests.factories.listings import seller


@pytest.fixture(autouse=True)
def _policy() -> None:
    webhooks.configure()


@pytest.fixture
def owner(fleet) -> int:
    return seller()


@pytest.fixture
def endpoint(owner) -> int:
    """For every type of event."""
    return webhooks.endpoint(owner)
