"""What the owner of an account does against somebody who knew his password ends what that one had begun."""

import pytest

from shared import accounts
from shared.accounts import LinkSpent
from shared.sharding import Fleet
from tests.factories import accounts as people

ADDRESS, NEW, OTHER_PASSWORD = "anna@example.org", "thief@example.net", "a river of quiet clocks"


def test_a_new_password_ends_a_change_of_address_that_somebody_else_may_have_asked_for(fleet: Fleet) -> None:
    owner = people.confirmed()
    accounts.ask_address_change(owner, NEW, people.PASSWORD)
    thief = people.mailed_address_change(owner)
    accounts.ask_reset(ADDRESS)
    accounts.reset_password(people.mailed(owner, accounts.links.RESET), OTHER_PASSWORD)
    with pytest.raises(LinkSpent):
        accounts.change_address(thief)
    assert people.user(owner).email == ADDRESS


def test_a_changed_password_ends_it_too(fleet: Fleet) -> None:
    owner = people.confirmed()
    accounts.ask_address_change(owner, NEW, people.PASSWORD)
    thief = people.mailed_address_change(owner)
    accounts.change_password(owner, people.PASSWORD, OTHER_PASSWORD, keep_session=0)
    with pytest.raises(LinkSpent):
        accounts.change_address(thief)
