"""Mail that comes back: counted by days, for the address it was sent to, until its reader shows that it arrives."""

import pytest

from shared import accounts, clock, preferences
from shared.gateways.mail import Sender
from shared.preferences import DAYS_TO_STOP, Kind
from shared.sharding import read, transaction
from tests.factories.accounts import configure, confirmed, user

KEY = b"the secret of the tests, 32 bytes"
DAY = 86_400
NOW = 1_800_000_000


@pytest.fixture
def owner(fleet) -> int:
    configure()
    return confirmed()


def return_path(owner: int) -> str:
    with read(owner) as session:
        contact = accounts.contact(session)
    assert contact is not None
    return preferences.return_path(KEY, contact, "market.example")


def come_back(owner: int, *days: int, address: str | None = None) -> None:
    path = address or return_path(owner)
    for day in days:
        with clock.freeze(NOW + day * DAY):
            assert preferences.bounced(KEY, path)


def stopped(owner: int) -> bool:
    with read(owner) as session:
        assert preferences.wants(session, Kind.MESSAGES) is not preferences.stopped(session)
        return preferences.stopped(session)


def test_mail_that_comes_back_on_several_days_stops_what_was_not_asked_for(owner):
    come_back(owner, *range(DAYS_TO_STOP - 1))
    assert not stopped(owner)
    come_back(owner, DAYS_TO_STOP - 1)
    assert stopped(owner)


def test_a_bad_hour_of_a_mail_server_counts_once(owner):
    come_back(owner, *[0] * 10)
    assert not stopped(owner)


def test_a_delay_is_no_bounce(owner):
    for day in range(DAYS_TO_STOP):
        with clock.freeze(NOW + day * DAY):
            assert not preferences.bounced(KEY, return_path(owner), permanent=False)
    assert not stopped(owner)


def test_what_came_back_last_season_says_nothing_of_today(owner):
    come_back(owner, 0, 1, 100)
    assert not stopped(owner)


def test_another_address_has_a_clean_slate(owner):
    come_back(owner, *range(DAYS_TO_STOP))
    former = return_path(owner)
    with transaction(owner) as session:
        found = accounts.account.find(session)
        assert found is not None
        found.email = "new@example.org"
    assert not stopped(owner)
    assert not preferences.bounced(KEY, former), "mail to the former address counts for nobody"
    come_back(owner, 50)
    assert not stopped(owner)


def test_who_shows_that_mail_arrives_is_sent_all_again(owner):
    come_back(owner, *range(DAYS_TO_STOP))
    with transaction(owner) as session:
        preferences.reset(session)
    assert not stopped(owner)


def test_a_return_path_is_an_address_that_mail_servers_take(owner):
    Sender(return_path(owner), "Market")
    assert "anna" not in return_path(owner)


def test_a_return_path_may_lose_its_case_on_the_way(owner):
    assert preferences.bounced(KEY, return_path(owner).upper())


@pytest.mark.parametrize(
    "change",
    [
        lambda local: local[:-1] + "01"[local[-1] == "0"],
        lambda local: local.removeprefix("bounce-"),
        lambda local: local + "0",
    ],
)
def test_nobody_can_make_up_a_return_path(owner, change):
    local, _, domain = return_path(owner).partition("@")
    assert not preferences.bounced(KEY, f"{change(local)}@{domain}")


@pytest.mark.parametrize("path", ["", "bounce-@x", "anna@example.org", f"bounce-{'0' * 46}@m.example", "\0"])
def test_mail_to_other_addresses_is_no_bounce_of_ours(owner, path):
    assert not preferences.bounced(KEY, path)


def test_the_return_path_of_one_is_not_that_of_another(owner):
    other = confirmed("eve@example.org")
    mixed = return_path(other)[: len("bounce-") + 14] + return_path(owner)[len("bounce-") + 14 :]
    assert not preferences.bounced(KEY, mixed)
    assert user(other).email == "eve@example.org"
