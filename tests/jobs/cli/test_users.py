"""Accounts made, shown and closed by an operator."""

import argparse
import io

import pytest

from jobs.cli import users
from shared import accounts, ids
from shared.sharding import Fleet, read
from tests.factories import accounts as people
from tests.factories.listings import published

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


def test_a_warning_is_kept_and_announced_for_its_mail(command, capsys) -> None:  # type: ignore[no-untyped-def]
    owner = people.confirmed()
    listing = published(owner)
    assert command("warn", ADDRESS, "--listing", str(ids.public(listing)), stdin="Take the number plate out.\n") == 0
    with read(owner) as session:
        (warning,) = accounts.warnings(session)
    assert (warning.words, warning.listing) == ("Take the number plate out.", listing)
    assert people.events(owner)[-1].type == "UserWarned"


@pytest.mark.parametrize(
    ("words", "listing", "said"),
    [("", None, "Write what is wrong"), ("No.", 7, "no such listing"), ("No.", -1, "no such")],
)
def test_a_warning_without_words_or_about_no_listing_of_his_is_none(  # type: ignore[no-untyped-def]
    command, capsys, words: str, listing: int | None, said: str
) -> None:
    owner = people.confirmed()
    about = [] if listing is None else [f"--listing={listing}"]
    assert command("warn", ADDRESS, *about, stdin=words) == 1
    assert said in capsys.readouterr().err
    with read(owner) as session:
        assert accounts.warnings(session) == []
    assert command("warn", "nobody@example.org", stdin="No.") == 1


def test_an_account_can_be_shown_and_closed(command, capsys) -> None:  # type: ignore[no-untyped-def]
    people.confirmed()
    assert command("show", "ANNA@example.org") == 0
    assert "active" in capsys.readouterr().out
    assert command("close", ADDRESS) == 0
    assert command("show", ADDRESS) == 1
    assert people.pending()
