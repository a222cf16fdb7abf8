"""Accounts made, shown and closed by an operator."""

import argparse
import io

import pytest

from jobs.cli import users
from shared import accounts
from shared.sharding import Fleet
from tests.factories import accounts as people

ADDRESS = "anna@example.org"


@pytest.fixture(autouse=True)
def _policy() -> None:
    people.configure()


@pytest.fixture
def command(fleet: Fleet, monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    def run(*words: str, stdin: str = "") -> int:
        parser = argparse.ArgumentParser()
        users.arguments(parser)
        monkeypatch.setattr("sys.stdin", io.StringIO(stdin))
        return users.perform(parser.parse_args(words))

    return run


def test_a_confirmed_account_can_log_in_at_once_and_nothing_is_mailed(command, capsys) -> None:  # type: ignore[no-untyped-def]
    assert command("create", ADDRESS, "--confirmed", "--password-stdin", stdin=f"{people.PASSWORD}\n") == 0
    assert accounts.log_in(ADDRESS, people.PASSWORD)
    user = accounts.find_by_address(ADDRESS)
    assert user is not None
    assert (user.name, people.events(user.owner)) == ("anna", [])
    assert people.PASSWORD not in capsys.readouterr().out


def test_without_confirmed_the_address_is_to_be_confirmed(command) -> None:  # type: ignore[no-untyped-def]
    assert command("create", ADDRESS, "--password-stdin", "--name", "Anna", stdin=people.PASSWORD) == 0
    user = accounts.find_by_address(ADDRESS)
    assert user is not None
    assert (user.name, user.state) == ("Anna", "pending")


@pytest.mark.parametrize(("email", "password"), [("nobody", people.PASSWORD), (ADDRESS, "short"), (ADDRESS, "")])
def test_what_a_user_may_not_choose_an_operator_may_not_either(command, capsys, email: str, password: str) -> None:  # type: ignore[no-untyped-def]
    assert command("create", email, "--confirmed", "--password-stdin", stdin=password) == 1
    assert capsys.readouterr().err.strip()


def test_a_taken_address_is_said_to_be_taken(command, capsys) -> None:  # type: ignore[no-untyped-def]
    people.confirmed()
    assert command("create", ADDRESS, "--confirmed", "--password-stdin", stdin=people.PASSWORD) == 1
    assert "has an account already" in capsys.readouterr().err


def test_an_account_can_be_shown_and_closed(command, capsys) -> None:  # type: ignore[no-untyped-def]
    people.confirmed()
    assert command("show", "ANNA@example.org") == 0
    assert "active" in capsys.readouterr().out
    assert command("close", ADDRESS) == 0
    assert command("show", ADDRESS) == 1
    assert people.pending()
