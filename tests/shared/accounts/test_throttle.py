"""Tries are counted before the work, for accounts and for networks, and strangers cannot lock an owner out."""

import pytest
from sqlalchemy import select

from shared import accounts, clock
from shared.accounts import passwords, throttle
from shared.accounts.errors import WrongCredentials
from shared.errors import Throttled
from shared.sharding import Fleet, directory
from shared.sharding.models import Throttle
from tests.factories import accounts as people

ADDRESS, HOME = "anna@example.org", "192.0.2.7/32"


@pytest.fixture(autouse=True)
def _one_moment() -> object:
    """All within one window."""
    with clock.freeze(1_800_000_000):
        yield


def _fail(network: str, times: int) -> None:
    for _ in range(times):
        with pytest.raises(WrongCredentials):
            accounts.log_in(ADDRESS, "not the password", network=network)


def test_the_eleventh_failure_from_one_network_is_refused_before_hashing(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    people.confirmed(ADDRESS)
    _fail(HOME, 10)
    hashed: list[str] = []
    monkeypatch.setattr(passwords, "verify", lambda *_: hashed.append("one") or True)
    with pytest.raises(Throttled) as refusal:
        accounts.log_in(ADDRESS, people.PASSWORD, network=HOME)
    assert 0 < refusal.value.retry_after <= 900
    assert not hashed


def test_an_unknown_address_is_throttled_like_a_known_one(fleet: Fleet) -> None:
    _fail(HOME, 10)
    with pytest.raises(Throttled):
        accounts.log_in(ADDRESS, people.PASSWORD, network=HOME)


def test_the_limit_ends_with_its_window(fleet: Fleet) -> None:
    people.confirmed(ADDRESS)
    _fail(HOME, 10)
    with clock.freeze(clock.now() + 900):
        assert accounts.log_in(ADDRESS, people.PASSWORD, network=HOME)


def test_strangers_from_many_networks_cannot_lock_out_an_owner_at_home(fleet: Fleet) -> None:
    people.confirmed(ADDRESS)
    accounts.log_in(ADDRESS, people.PASSWORD, network=HOME)
    for number in range(12):
        with pytest.raises((WrongCredentials, Throttled)):
            for _ in range(10):
                throttle.count("login", account=ADDRESS, network=f"198.51.100.{number}/32")
            accounts.log_in(ADDRESS, "not the password", network=f"198.51.100.{number}/32")
    with pytest.raises(Throttled):
        accounts.log_in(ADDRESS, people.PASSWORD, network="203.0.113.1/32")
    assert accounts.log_in(ADDRESS, people.PASSWORD, network=HOME)


def test_logging_in_forgets_the_failures_before_it(fleet: Fleet) -> None:
    people.confirmed(ADDRESS)
    for _ in range(3):
        _fail(HOME, 9)
        assert accounts.log_in(ADDRESS, people.PASSWORD, network=HOME)


def test_a_network_that_tries_many_addresses_is_refused(fleet: Fleet) -> None:
    for number in range(100):
        throttle.count("login", account=f"victim{number}@example.org", network=HOME)
    with pytest.raises(Throttled):
        throttle.count("login", account="another@example.org", network=HOME)
    throttle.count("login", account="another@example.org", network="192.0.2.8/32")


def test_sign_ups_and_resets_are_counted_for_each_network(fleet: Fleet) -> None:
    for action in ("signup", "reset", "confirm", "link"):
        with pytest.raises(Throttled):
            for number in range(1000):
                throttle.count(action, account=f"somebody{number}@example.org", network=HOME)


def test_the_table_names_nobody_and_forgets_what_is_over(fleet: Fleet) -> None:
    _fail(HOME, 1)
    with directory(write=False) as session:
        rows = session.execute(select(Throttle)).scalars().all()
    assert rows
    assert all(len(row.key) == 16 and ADDRESS.encode() not in row.key for row in rows)
    with clock.freeze(clock.now() + 86_400):
        assert throttle.forget_expired() == len(rows)


def test_counters_survive_a_restart(fleet: Fleet) -> None:
    _fail(HOME, 10)
    fleet.dispose()
    with pytest.raises(Throttled):
        accounts.log_in(ADDRESS, people.PASSWORD, network=HOME)
