"""Sign-ups that nobody confirms: forgotten after a month, their addresses free, whatever it is interrupted by."""

import pytest

from shared import accounts, clock
from shared.accounts import claims
from shared.accounts.errors import LinkSpent
from shared.sharding import Fleet
from tests.factories import accounts as people
from tests.factories.plans import plans

CONFIRMED = "bo@example.org"


class Died(Exception):
    """The process ends here."""


def test_a_sign_up_that_nobody_confirms_is_forgotten_after_a_month_and_its_address_is_free(fleet: Fleet) -> None:
    now = clock.now()
    with clock.freeze(now - 30 * 86_400):
        owner, confirmed = people.pending(), people.confirmed(CONFIRMED)
    with clock.freeze(now - 1):
        accounts.forget_expired()
        assert people.user(owner).state == "pending"
        token = people.mailed(owner, "confirm")
    accounts.forget_expired()
    forgotten = people.user(owner)
    assert (forgotten.state, forgotten.email, forgotten.name, forgotten.password_hash) == ("closed", "", "", None)
    assert claims.active_values(claims.EMAIL, owner) == []
    with pytest.raises(LinkSpent):
        accounts.confirm(token, people.PASSWORD)
    assert people.user(people.pending()).state == "pending", "the address can be signed up with again"
    assert people.user(confirmed).state == "active"


def test_a_forgotten_sign_up_whose_claim_was_not_released_yet_is_settled_by_its_event(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    with clock.freeze(clock.now() - 30 * 86_400):
        owner = people.pending()
    with monkeypatch.context() as patch, pytest.raises(Died):
        patch.setattr("shared.accounts.housekeeping.settle_address", _die)
        accounts.forget_expired()
    assert people.events(owner)[-1].type == "AccountClosed"
    accounts.settle_address(owner)  # as the consumer of AccountClosed does
    assert people.pending()


def _die(_owner: int) -> None:
    raise Died


@pytest.mark.sqlite_plans
def test_what_is_over_is_found_without_reading_all_accounts(fleet: Fleet) -> None:
    people.pending()
    found = [plan for plan in plans(fleet.shard("u1"), accounts.forget_expired) if "user" in plan]
    assert found
    assert not [plan for plan in found if "SCAN" in plan]
