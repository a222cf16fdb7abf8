"""What somebody wants to be mailed, and the link by which he says so."""

import pytest

from shared import accounts, clock, preferences
from shared.errors import NotFound
from shared.preferences import Kind, MailChoice
from shared.sharding import read, transaction
from tests.factories.accounts import configure, confirmed

KEY = b"the secret of the tests, 32 bytes"


@pytest.fixture
def owner(fleet) -> int:
    configure()
    return confirmed()


def choices(owner: int) -> dict[Kind, bool]:
    with read(owner) as session:
        return preferences.choices(session)


def choose(owner: int, kind: Kind, wanted: bool) -> None:
    with transaction(owner) as session:
        preferences.choose(session, kind, wanted)


def contact(owner: int) -> accounts.Contact:
    with read(owner) as session:
        found = accounts.contact(session)
    assert found is not None
    return found


def test_everything_but_advertising_comes_until_somebody_says_otherwise(owner):
    assert choices(owner) == {kind: kind is not Kind.NEWS for kind in Kind}


@pytest.mark.parametrize("kind", Kind)
def test_each_kind_is_decided_by_itself(owner, kind):
    before = choices(owner)
    choose(owner, kind, not before[kind])
    assert choices(owner) == before | {kind: not before[kind]}
    choose(owner, kind, before[kind])
    assert choices(owner) == before


def test_the_day_of_consent_is_kept_until_it_is_taken_back(owner):
    with clock.freeze(1_800_000_000):
        choose(owner, Kind.NEWS, True)
    with clock.freeze(1_900_000_000):
        choose(owner, Kind.NEWS, True)
        with transaction(owner) as session:
            preferences.choose_all(session, {Kind.NEWS, Kind.MESSAGES})
    with read(owner) as session:
        decided = {row["of"]: row["decided_at"] for row in preferences.export(session)}
    assert decided == {
        "news": 1_800_000_000,
        "alerts": 1_900_000_000,
        "price-drops": 1_900_000_000,
        "expiry": 1_900_000_000,
    }


def test_what_is_forgotten_is_gone(owner):
    choose(owner, Kind.NEWS, True)
    with transaction(owner) as session:
        preferences.count(session, "anna@example.org")
    with transaction(owner) as session:
        preferences.forget(session)
    with read(owner) as session:
        assert list(preferences.export(session)) == []
        assert session.get(MailChoice, (owner, "news")) is None


def test_a_link_opens_the_preferences_of_whom_it_was_mailed_to(owner):
    token = preferences.mint(KEY, contact(owner))
    assert preferences.owner_of_token(token) == owner
    with read(owner) as session:
        assert preferences.redeem(session, KEY, token) == contact(owner)


def test_a_link_opens_nothing_of_anybody_else(owner):
    token = preferences.mint(KEY, contact(owner))
    with read(confirmed("eve@example.org")) as session, pytest.raises(NotFound):
        preferences.redeem(session, KEY, token)


def test_a_link_to_a_mailbox_that_was_given_up_steers_nothing(owner):
    token = preferences.mint(KEY, contact(owner))
    with transaction(owner) as session:
        found = accounts.account.find(session)
        assert found is not None
        found.email = "new@example.org"
    with read(owner) as session, pytest.raises(NotFound):
        preferences.redeem(session, KEY, token)


def test_a_link_of_a_closed_account_opens_nothing(owner):
    token = preferences.mint(KEY, contact(owner))
    with transaction(owner) as session:
        accounts.close_account(session)
    with read(owner) as session, pytest.raises(NotFound):
        preferences.redeem(session, KEY, token)


def test_the_link_of_one_purpose_does_not_serve_another(owner):
    token = preferences.mint(KEY, contact(owner))
    with read(owner) as session, pytest.raises(NotFound):
        preferences.redeem(session, KEY, token, preferences.CHECK)


@pytest.mark.parametrize("token", ["", "x", "0" * 45, "g" * 46, "../../etc/passwd"])
def test_text_that_is_no_link_is_not_found(token):
    with pytest.raises(NotFound):
        preferences.owner_of_token(token)
