"""Warnings by the staff: kept with the account, told by an event, and gone with it."""

import json

import pytest

from shared import accounts, clock
from shared.accounts.housekeeping import FAREWELL_SECONDS
from shared.accounts.warnings import LONGEST
from shared.errors import Invalid, NotFound
from shared.ids import compose
from shared.sharding import read, transaction
from tests.factories.accounts import confirmed, events

WORDS = "Your listing asks for payment in advance.\n\nPlease take that out."


@pytest.fixture
def owner(fleet) -> int:
    return confirmed()


def warn(owner: int, words: str = WORDS, listing: int | None = None) -> int:
    with transaction(owner) as session:
        return accounts.warn(session, words, "Martha", listing)


def test_a_warning_is_kept_and_told_without_its_words(owner):
    listing = compose(owner, 4)
    warning = warn(owner, listing=listing)
    with read(owner) as session:
        found = accounts.warning(session, warning)
    assert (found.words, found.given_by, found.listing) == (WORDS, "Martha", listing)
    (event,) = [each for each in events(owner) if each.type == "UserWarned"]
    assert event.body == {"user": owner, "warning": warning}


def test_the_newest_warning_comes_first(owner):
    first, second = warn(owner), warn(owner, "Again.")
    with read(owner) as session:
        assert [each.id for each in accounts.warnings(session)] == [second, first]


@pytest.mark.parametrize("words", ["", " \n ", "x" * (LONGEST + 1)])
def test_a_warning_says_something_that_fits(owner, words):
    with pytest.raises(Invalid):
        warn(owner, words)
    assert [each.type for each in events(owner)] == []


def test_nobody_is_warned_of_the_listing_of_somebody_else(owner):
    with pytest.raises(NotFound):
        warn(owner, listing=compose(owner + 1, 4))


def test_a_closed_account_cannot_be_warned(owner):
    with transaction(owner) as session:
        accounts.close_account(session)
    with pytest.raises(NotFound):
        warn(owner)


def test_who_asks_for_his_data_gets_the_words_and_not_the_name_of_who_wrote_them(owner):
    warn(owner)
    with read(owner) as session:
        everything = json.dumps(list(accounts.export(session)))
    assert "payment in advance" in everything
    assert "Martha" not in everything


def test_warnings_go_with_the_account(owner):
    warn(owner)
    with transaction(owner) as session:
        accounts.close_account(session)
    with clock.freeze(clock.now() + FAREWELL_SECONDS + 1):
        accounts.forget_expired()
    with read(owner) as session:
        assert accounts.warnings(session) == []
