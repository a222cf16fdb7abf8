"""One address, one account: whoever races, whoever dies, and however slow."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from shared import accounts, clock
from shared.accounts import claims, signing_up
from shared.accounts.errors import ClaimLost
from shared.sharding import Fleet, allocate_owner, directory, unit_of_work
from shared.sharding.models import Claim
from tests.factories import accounts as people
from tests.factories.plans import plans

ADDRESS = "anna@example.org"


class Died(Exception):
    """The process is gone."""


def _state() -> str | None:
    with directory(write=False) as session:
        row = session.get(Claim, (claims.EMAIL, ADDRESS))
        return row and row.state


def _die(*_args: object, **_named: object) -> None:
    raise Died


def test_two_sign_ups_at_once_make_one_account(fleet: Fleet) -> None:
    people.configure(allocation="random")
    gate = threading.Barrier(8)

    def sign_up_with_the_others(number: int) -> int | None:
        gate.wait()
        return accounts.sign_up(ADDRESS, people.PASSWORD, f"Anna {number}")

    with ThreadPoolExecutor(8) as pool:
        owners = [owner for owner in pool.map(sign_up_with_the_others, range(8)) if owner is not None]
    assert len(owners) == 1
    assert claims.holder(claims.EMAIL, ADDRESS) == owners[0]
    assert _state() == "active"


def test_a_sign_up_that_dies_before_its_row_frees_the_address_after_15_minutes(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch, pytest.raises(Died):
        patch.setattr(signing_up, "_write_user", _die)
        people.pending(ADDRESS)
    assert _state() == "pending"
    assert accounts.sign_up(ADDRESS, people.PASSWORD, "Anna") is None
    with clock.freeze(clock.now() + claims.PENDING_SECONDS + 1):
        assert accounts.settle_claims() == 1
        assert _state() is None
        assert people.pending(ADDRESS)


def test_an_expired_claim_is_settled_by_the_next_sign_up_too(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch, pytest.raises(Died):
        patch.setattr(signing_up, "_write_user", _die)
        people.pending(ADDRESS)
    with clock.freeze(clock.now() + claims.PENDING_SECONDS + 1):
        assert people.pending(ADDRESS)


def test_a_sign_up_that_dies_after_its_row_keeps_the_address(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch, pytest.raises(Died):
        patch.setattr(claims, "activate", _die)
        people.pending(ADDRESS)
    owner = claims.holder(claims.EMAIL, ADDRESS)
    assert owner is not None
    assert _state() == "pending"
    accounts.confirm(people.mailed(owner, "confirm"), people.PASSWORD)
    assert accounts.log_in(ADDRESS, people.PASSWORD)
    with clock.freeze(clock.now() + claims.PENDING_SECONDS + 1):
        accounts.settle_claims()
        assert _state() == "active"
        assert accounts.sign_up(ADDRESS, people.PASSWORD, "Anna") is None


def test_a_slow_sign_up_loses_to_the_sweeper_and_starts_over(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    write_user, slept = signing_up._write_user, []

    def oversleep(*args: object, **named: object) -> None:
        if not slept:
            slept.append(True)
            with clock.freeze(clock.now() + claims.PENDING_SECONDS + 1):
                assert accounts.settle_claims() == 1
        write_user(*args, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(signing_up, "_write_user", oversleep)
    owner = people.pending(ADDRESS)
    assert claims.holder(claims.EMAIL, ADDRESS) == owner
    assert people.user(owner).email == ADDRESS


def test_a_sweeper_that_dies_after_its_verdict_leaves_the_claim_void(fleet: Fleet) -> None:
    owner = allocate_owner()
    token = claims.claim(claims.EMAIL, ADDRESS, owner)
    assert token is not None
    with directory(write=False) as session:
        row = session.get(Claim, (claims.EMAIL, ADDRESS))
    assert row is not None
    assert not claims._void_unless_used(row)
    with pytest.raises(ClaimLost):
        unit_of_work(owner, lambda session: claims.use(session, token))
    assert not claims.settle(row)
    assert _state() is None


def test_a_used_claim_cannot_be_declared_void(fleet: Fleet) -> None:
    owner = allocate_owner()
    token = claims.claim(claims.EMAIL, ADDRESS, owner)
    assert token is not None
    assert unit_of_work(owner, lambda session: claims.use(session, token))
    with directory(write=False) as session:
        row = session.get(Claim, (claims.EMAIL, ADDRESS))
    assert row is not None
    assert claims.settle(row)
    assert _state() == "active"


def test_a_unit_of_work_that_runs_again_after_its_commit_was_lost_makes_no_second_account(fleet: Fleet) -> None:
    owner = allocate_owner()
    token = claims.claim(claims.EMAIL, ADDRESS, owner)
    assert token is not None
    for _ in range(2):
        signing_up._write_user(owner, token, ADDRESS, "hash", "Anna", confirmed=False)
    assert [event.type for event in people.events(owner)] == ["NewUserSignup"]


@pytest.mark.parametrize("number", range(5))
def test_sweeper_and_sign_up_racing_leave_exactly_one_verdict(fleet: Fleet, number: int) -> None:
    owner = allocate_owner()
    token = claims.claim(claims.EMAIL, ADDRESS, owner)
    assert token is not None
    with directory(write=False) as session:
        row = session.get_one(Claim, (claims.EMAIL, ADDRESS))
    with ThreadPoolExecutor(2) as pool:
        tries = pool.submit(_wins, owner, token, ADDRESS), pool.submit(claims.settle, row)
        signed_up, active = (each.result() for each in tries)
    assert signed_up == active


def _wins(owner: int, token: bytes, address: str) -> bool:
    try:
        signing_up._write_user(owner, token, address, "hash", "Anna", confirmed=False)
    except ClaimLost:
        return False
    return True


def test_addresses_that_differ_in_case_only_are_one_account(fleet: Fleet) -> None:
    people.pending("Anna@example.org")
    assert accounts.sign_up("aNNA@EXAMPLE.ORG", people.PASSWORD, "Anna") is None


@pytest.mark.sqlite_plans
def test_no_claim_is_found_by_reading_all_of_them(fleet: Fleet) -> None:
    people.configure(allocation="random")

    def settle() -> None:
        owner = people.pending(ADDRESS)
        accounts.settle_address(owner)
        claims.claim(claims.EMAIL, "late@example.org", owner)
        accounts.settle_address(owner)

    found = [plan for plan in plans(fleet.directory, settle) if " claim" in plan]
    assert len(found) >= 4
    assert not [plan for plan in found if "SCAN" in plan]
