"""The policy of the tests."""

import pytest

from tests.factories import webhooks


@pytest.fixture(autouse=True)
def _policy() -> None:
    webhooks.configure()
