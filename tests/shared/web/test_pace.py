"""How fast one network may ask."""

import pytest
from flask import Request
from werkzeug.test import EnvironBuilder

from shared.errors import Throttled
from shared.web.pace import Pace


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def asked_by(address: str) -> Request:
    return Request(EnvironBuilder(environ_base={"REMOTE_ADDR": address}).get_environ())


def test_a_burst_is_let_through_and_the_next_one_is_told_when(clock: Clock) -> None:
    pace = Pace(3, 10, clock=clock)
    for _ in range(3):
        pace.count(asked_by("192.0.2.1"))
    clock.now += 4
    with pytest.raises(Throttled) as refused:
        pace.count(asked_by("192.0.2.1"))
    assert refused.value.retry_after == 6


def test_who_waits_as_told_is_let_through_once(clock: Clock) -> None:
    pace = Pace(1, 10, clock=clock)
    pace.count(asked_by("192.0.2.1"))
    with pytest.raises(Throttled) as refused:
        pace.count(asked_by("192.0.2.1"))
    clock.now += refused.value.retry_after
    pace.count(asked_by("192.0.2.1"))
    with pytest.raises(Throttled):
        pace.count(asked_by("192.0.2.1"))


def test_asking_in_vain_makes_the_wait_no_longer(clock: Clock) -> None:
    pace = Pace(1, 10, clock=clock)
    pace.count(asked_by("192.0.2.1"))
    for _ in range(5):
        with pytest.raises(Throttled) as refused:
            pace.count(asked_by("192.0.2.1"))
        assert refused.value.retry_after == 10


def test_a_household_is_one_network_and_its_neighbour_another(clock: Clock) -> None:
    pace = Pace(1, 10, clock=clock)
    pace.count(asked_by("2001:db8:1:2::1"))
    with pytest.raises(Throttled):
        pace.count(asked_by("2001:db8:1:2:ffff::9"))
    pace.count(asked_by("2001:db8:1:3::1"))


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", ""])
def test_this_machine_is_not_counted(clock: Clock, address: str) -> None:
    pace = Pace(1, 10, clock=clock)
    for _ in range(5):
        pace.count(asked_by(address))


def test_memory_is_bounded_and_forgets_who_asked_longest_ago(clock: Clock) -> None:
    pace = Pace(1, 10, networks=2, clock=clock)
    for number in (1, 2, 3):
        pace.count(asked_by(f"192.0.2.{number}"))
    pace.count(asked_by("192.0.2.1"))
    with pytest.raises(Throttled):
        pace.count(asked_by("192.0.2.3"))
