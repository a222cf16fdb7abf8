"""Every test of the room runs under the tests' policy."""

import pytest

from tests.factories import accounts as people


@pytest.fixture(autouse=True)
def _policy() -> None:
    people.configure()
