"""The life of an account: signing up, confirming, logging in, changing, leaving."""

import pytest

from shared import accounts, clock
from shared.accounts import claims, passwords
from shared.accounts.errors import AddressTaken, LinkSpent, NotConfirmed, WrongCredentials
from shared.errors import Invalid, Throttled
from shared.sharding import Fleet, read, transaction, unit_of_work
from tests.factories import accounts as people

ADDRESS, NEW = "anna@example.org", "anna@example.net"
OTHER_PASSWORD = "seven green tables"


def _types(owner: int) -> list[str]:
    return [event.type for event in people.events(owner)]


def test_signing_up_asks_for_the_confirmation_mail_and_confirming_logs_in(fleet: Fleet) -> None:
    owner = people.pending()
    assert people.user(owner).state == "pending"
    assert _types(owner) == ["NewUserSignup"]
    cookie = accounts.confirm(people.mailed(owner, "confirm"), people.PASSWORD, "Firefox", people.NETWORK)
    assert people.user(owner).state == "active"
    signed_in = accounts.load_session(cookie)
    assert signed_in
    assert signed_in.owner == owner
    with read(owner) as session:
        assert [(each.agent, each.network) for each in accounts.browsers(session)] == [("Firefox", people.NETWORK)]


def test_an_unconfirmed_account_cannot_be_logged_in_to_and_gets_another_mail(fleet: Fleet) -> None:
    owner = people.pending()
    with pytest.raises(NotConfirmed):
        accounts.log_in(ADDRESS, people.PASSWORD)
    assert _types(owner) == ["NewUserSignup", "ConfirmationAsked"]
    with pytest.raises(WrongCredentials):
        accounts.log_in(ADDRESS, "not the password")


def test_signing_up_again_tells_the_holder_and_changes_nothing(fleet: Fleet) -> None:
    owner = people.confirmed()
    assert accounts.sign_up(ADDRESS, OTHER_PASSWORD, "Somebody") is None
    assert _types(owner) == ["SignupRepeated"]
    assert people.user(owner).name == "Anna"
    assert accounts.log_in(ADDRESS, people.PASSWORD)


def test_a_mailbox_is_not_flooded_by_repeated_sign_ups(fleet: Fleet) -> None:
    owner = people.confirmed()
    for _ in range(10):
        accounts.sign_up(ADDRESS, OTHER_PASSWORD, "Somebody")
    assert len(_types(owner)) == 3


def test_every_field_at_fault_is_named_at_once(fleet: Fleet) -> None:
    with pytest.raises(Invalid) as refusal:
        accounts.sign_up("nobody", "short", "http://spam.example")
    assert set(refusal.value.fields) == {"email", "password", "name"}


@pytest.mark.parametrize(
    "name", ["", "   ", "x" * 61, "\u3164\u200b", "anna@example.org", "WWW\u200b.spam.example", "<b>", "---"]
)
def test_names_that_are_none_are_refused(name: str) -> None:
    with pytest.raises(Invalid):
        accounts.check_name(name)


@pytest.mark.parametrize(
    "typed", ["Anna", " An\u0000na ", "A\u202enna", "An\u200dna", "Anna\u200f", "\u2066Anna\u2069", "An\u200bna\ufeff"]
)
def test_two_names_that_look_alike_are_kept_alike(typed: str) -> None:
    assert accounts.check_name(typed) == "Anna"


def test_a_name_does_not_run_into_the_lines_around_it() -> None:
    assert accounts.check_name("Zoe" + "\u0336" * 30) == "Zoe" + "\u0336" * 4


def test_the_cost_of_a_hash_is_raised_at_the_next_login(fleet: Fleet) -> None:
    owner = people.confirmed()
    people.configure(bcrypt_cost=5)
    accounts.log_in(ADDRESS, people.PASSWORD)
    assert str(people.user(owner).password_hash).startswith("$2b$05$")
    assert accounts.log_in(ADDRESS, people.PASSWORD)


def test_a_password_changed_while_an_old_one_is_being_checked_wins(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = people.confirmed()
    verify = passwords.verify

    def slowly(password: str, kept: str | None) -> bool:
        fits = verify(password, kept)
        with transaction(owner) as session:
            session.get_one(type(people.user(owner)), owner << 22).password_hash = "another"
        return fits

    monkeypatch.setattr(passwords, "verify", slowly)
    with pytest.raises(WrongCredentials):
        accounts.log_in(ADDRESS, people.PASSWORD)


def test_only_the_one_who_signed_up_can_confirm_so_nobody_prepares_an_account_for_a_stranger(fleet: Fleet) -> None:
    owner = people.pending(password="the attacker's own password")
    token = people.mailed(owner, "confirm")
    with pytest.raises(Invalid, match="not the password"):
        accounts.confirm(token, "what the stranger would have chosen")
    assert people.user(owner).state == "pending"
    accounts.reset_password(people.mailed(owner, "reset"), "what the stranger would have chosen")
    with pytest.raises(WrongCredentials):
        accounts.log_in(ADDRESS, "the attacker's own password")
    assert accounts.log_in(ADDRESS, "what the stranger would have chosen")


def test_a_confirmation_is_counted_as_a_login_before_anything_is_hashed(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = people.pending()
    token = people.mailed(owner, "confirm")
    for _ in range(10):
        with pytest.raises(Invalid):
            accounts.confirm(token, "not the password", network=people.NETWORK)
    monkeypatch.setattr(passwords, "verify", lambda *_: pytest.fail("hashed"))
    with pytest.raises(Throttled):
        accounts.confirm(token, people.PASSWORD, network=people.NETWORK)
    with pytest.raises(Throttled):
        accounts.log_in(ADDRESS, people.PASSWORD, network=people.NETWORK)
    assert people.user(owner).state == "pending"


def test_guessed_links_use_up_nobodys_tries(fleet: Fleet) -> None:
    owner = people.pending()
    token = people.mailed(owner, "confirm")
    for _ in range(101):
        with pytest.raises(LinkSpent):
            accounts.confirm(f"{token[:14]}{'x' * 32}", people.PASSWORD)
    assert accounts.confirm(token, people.PASSWORD)


def test_a_link_works_once(fleet: Fleet) -> None:
    token = people.mailed(people.pending(), "confirm")
    accounts.confirm(token, people.PASSWORD)
    with pytest.raises(LinkSpent):
        accounts.confirm(token, people.PASSWORD)


@pytest.mark.parametrize(("purpose", "hours"), [("confirm", 48), ("reset", 1)])
def test_a_link_ends_with_its_time(fleet: Fleet, purpose: str, hours: int) -> None:
    start = clock.now()
    with clock.freeze(start):
        token = people.mailed(people.pending(), purpose)
    with clock.freeze(start + hours * 3600 - 1):
        accounts.look_at_link(purpose, token)
    with clock.freeze(start + hours * 3600), pytest.raises(LinkSpent):
        accounts.look_at_link(purpose, token)


def test_a_link_is_good_for_its_purpose_only(fleet: Fleet) -> None:
    owner = people.pending()
    for purpose, verb in (
        ("confirm", lambda token: accounts.reset_password(token, OTHER_PASSWORD)),
        ("reset", lambda token: accounts.confirm(token, people.PASSWORD)),
    ):
        with pytest.raises(LinkSpent):
            verb(people.mailed(owner, purpose))


@pytest.mark.parametrize("token", ["", "x", "0" * 46, "f" * 46, "../../etc/passwd", "ü" * 46])
def test_what_is_no_link_is_a_spent_one(fleet: Fleet, token: str) -> None:
    with pytest.raises(LinkSpent):
        accounts.change_address(token)
    for verb in (accounts.confirm, accounts.reset_password):
        with pytest.raises(LinkSpent):
            verb(token, OTHER_PASSWORD)


def test_a_reset_sets_the_password_confirms_the_address_and_ends_every_session(fleet: Fleet) -> None:
    owner = people.confirmed()
    cookie = accounts.log_in(ADDRESS, people.PASSWORD)
    accounts.ask_reset("ANNA@example.org")
    assert _types(owner) == ["PasswordResetAsked"]
    first, second = people.mailed(owner, "reset"), people.mailed(owner, "reset")
    accounts.reset_password(first, OTHER_PASSWORD)
    assert accounts.load_session(cookie) is None
    assert accounts.log_in(ADDRESS, OTHER_PASSWORD)
    with pytest.raises(LinkSpent):
        accounts.reset_password(second, people.PASSWORD)
    assert _types(owner)[-1] == "PasswordChanged"


def test_a_reset_takes_an_account_back_from_whoever_signed_up_with_a_strangers_address(fleet: Fleet) -> None:
    owner = people.pending()
    accounts.reset_password(people.mailed(owner, "reset"), OTHER_PASSWORD)
    assert people.user(owner).state == "active"
    with pytest.raises(WrongCredentials):
        accounts.log_in(ADDRESS, people.PASSWORD)


def test_a_refused_password_does_not_use_the_link_up(fleet: Fleet) -> None:
    token = people.mailed(people.confirmed(), "reset")
    with pytest.raises(Invalid):
        accounts.reset_password(token, "password")
    accounts.reset_password(token, OTHER_PASSWORD)


def test_asking_for_a_reset_of_an_unknown_address_does_nothing_and_says_nothing(fleet: Fleet) -> None:
    assert accounts.ask_reset("nobody@example.org") is None  # type: ignore[func-returns-value]


def test_changing_the_password_needs_the_present_one_and_ends_other_sessions(fleet: Fleet) -> None:
    owner = people.confirmed()
    here, there = (accounts.log_in(ADDRESS, people.PASSWORD) for _ in range(2))
    who = accounts.load_session(here)
    assert who
    with pytest.raises(Invalid) as refusal:
        accounts.change_password(owner, "not the password", OTHER_PASSWORD, keep_session=who.session)
    assert "current" in refusal.value.fields
    accounts.change_password(owner, people.PASSWORD, OTHER_PASSWORD, keep_session=who.session)
    assert accounts.load_session(here)
    assert accounts.load_session(there) is None


def test_guessing_the_present_password_in_a_stolen_session_is_throttled(fleet: Fleet) -> None:
    owner = people.confirmed()
    with clock.freeze(1_800_000_000):
        for _ in range(10):
            with pytest.raises(Invalid):
                accounts.check_password(owner, "a guess", people.NETWORK)
        with pytest.raises(Throttled):
            accounts.check_password(owner, people.PASSWORD, people.NETWORK)


def test_the_address_moves_when_the_link_is_opened_and_the_old_one_is_free(fleet: Fleet) -> None:
    owner = people.confirmed()
    accounts.ask_address_change(owner, NEW, people.PASSWORD)
    assert people.user(owner).email == ADDRESS
    token = people.mailed_address_change(owner)
    accounts.change_address(token)
    assert people.user(owner).email == NEW
    assert claims.active_values(claims.EMAIL, owner) == [NEW]
    assert accounts.log_in(NEW, people.PASSWORD)
    with pytest.raises(WrongCredentials):
        accounts.log_in(ADDRESS, people.PASSWORD)
    assert people.pending(ADDRESS)
    with pytest.raises(LinkSpent):
        accounts.change_address(token)


def test_a_change_of_case_keeps_the_claim(fleet: Fleet) -> None:
    owner = people.confirmed()
    accounts.ask_address_change(owner, "Anna@example.org", people.PASSWORD)
    accounts.change_address(people.mailed_address_change(owner))
    assert people.user(owner).email == "Anna@example.org"
    assert claims.active_values(claims.EMAIL, owner) == [ADDRESS]


def test_an_address_can_move_there_and_back(fleet: Fleet) -> None:
    owner = people.confirmed()
    for address in (NEW, ADDRESS, NEW):
        accounts.ask_address_change(owner, address, people.PASSWORD)
        accounts.change_address(people.mailed_address_change(owner))
        assert claims.active_values(claims.EMAIL, owner) == [address]


def test_asking_for_a_taken_address_tells_its_holder_and_is_recorded_like_any_other(fleet: Fleet) -> None:
    owner, holder = people.confirmed(), people.confirmed(NEW)
    accounts.ask_address_change(owner, NEW, people.PASSWORD)
    assert _types(owner) == ["AddressChangeAsked"]
    assert _types(holder) == ["SignupRepeated"]


def test_an_address_taken_before_the_link_is_opened_is_refused(fleet: Fleet) -> None:
    owner = people.confirmed()
    accounts.ask_address_change(owner, NEW, people.PASSWORD)
    people.confirmed(NEW)
    with pytest.raises(AddressTaken):
        accounts.change_address(people.mailed_address_change(owner))
    assert people.user(owner).email == ADDRESS


class Died(Exception):
    """The process is gone."""


@pytest.mark.parametrize("step", ["use", "activate", "release"])
def test_an_address_change_that_dies_at_any_step_is_finished_or_can_be_tried_again(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    owner = people.confirmed()
    accounts.ask_address_change(owner, NEW, people.PASSWORD)
    token = people.mailed_address_change(owner)
    settle = accounts.settle_address

    def die(*_args: object) -> None:
        raise Died

    with monkeypatch.context() as patch, pytest.raises(Died):
        if step == "release":
            patch.setattr("shared.accounts.changes.settle_address", lambda owner: _die_when_moved(owner, settle))
        else:
            patch.setattr(claims, step, die)
        accounts.change_address(token)
    if step == "use":
        accounts.change_address(token)
    accounts.settle_address(owner)  # as the consumer of AddressChanged does
    assert people.user(owner).email == NEW
    assert claims.active_values(claims.EMAIL, owner) == [NEW]
    assert accounts.log_in(NEW, people.PASSWORD)


def _die_when_moved(owner: int, settle: object) -> None:
    if people.user(owner).email == NEW:
        raise Died
    settle(owner)  # type: ignore[operator]


def test_a_closed_account_is_shut_its_address_free_and_its_name_forgotten_after_a_week(fleet: Fleet) -> None:
    owner = people.confirmed()
    cookie, token = accounts.log_in(ADDRESS, people.PASSWORD), people.mailed(owner, "reset")
    unit_of_work(owner, accounts.close_account)
    accounts.settle_address(owner)
    assert accounts.load_session(cookie) is None
    with pytest.raises(LinkSpent):
        accounts.reset_password(token, OTHER_PASSWORD)
    with pytest.raises(WrongCredentials):
        accounts.log_in(ADDRESS, people.PASSWORD)
    with read(owner) as session:
        assert accounts.contact(session) is None
        assert accounts.farewell_contact(session)
    assert people.pending(ADDRESS)
    with clock.freeze(clock.now() + 7 * 86_400):
        accounts.forget_expired()
    assert (people.user(owner).email, people.user(owner).name) == ("", "")
    assert _types(owner) == ["AccountClosed"]


def test_the_export_holds_everything_but_hashes(fleet: Fleet) -> None:
    owner = people.confirmed()
    accounts.log_in(ADDRESS, people.PASSWORD, agent="Lynx/2.9", network=people.NETWORK)
    people.mailed(owner, "reset")
    with read(owner) as session:
        parts = list(accounts.export(session))
    assert [part["kind"] for part in parts] == ["account", "login", "mailed link"]
    assert parts[0]["email"] == ADDRESS
    assert not any("hash" in key for part in parts for key in part)


def test_changing_the_name_keeps_it_tidy(fleet: Fleet) -> None:
    owner = people.confirmed()
    unit_of_work(owner, lambda session: accounts.change_name(session, "  Anna   Berg "))
    assert people.user(owner).name == "Anna Berg"


def test_known_and_unknown_addresses_are_hashed_as_often(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    people.confirmed()
    calls: list[str] = []
    for name in ("hashpw", "checkpw"):
        plain = getattr(passwords.bcrypt, name)
        monkeypatch.setattr(passwords.bcrypt, name, lambda *a, n=name, f=plain: (calls.append(n), f(*a))[1])
    passwords._dummy(4)

    def hashed(verb: object, *values: str) -> list[str]:
        calls.clear()
        try:
            verb(*values)  # type: ignore[operator]
        except WrongCredentials:
            calls.append("refused")
        return list(calls)

    for known, unknown in (
        (("anna@example.org", "a wrong password"), ("nobody@example.org", "a wrong password")),
        (("anna@example.org", "long " * 30), ("not an address", "long " * 30)),
    ):
        assert hashed(accounts.log_in, *known) == hashed(accounts.log_in, *unknown) == ["checkpw", "refused"]
    signing = (people.PASSWORD, "Anna")
    assert (
        hashed(accounts.sign_up, ADDRESS, *signing)
        == hashed(accounts.sign_up, "new@example.org", *signing)
        == ["hashpw"]
    )
    assert hashed(accounts.ask_reset, ADDRESS) == hashed(accounts.ask_reset, "nobody@example.org") == []
