"""Which passwords are accepted, and how they are kept."""

import threading

import pytest

from shared.accounts import passwords
from shared.accounts.errors import Busy
from shared.errors import Invalid
from tests.factories import accounts as people

ADDRESS = "anna.berg@example.org"


@pytest.mark.parametrize("length", [8, 14, 15, 64, 200, 1024])
def test_any_length_from_8_to_1024_bytes_is_accepted_and_nothing_is_cut_off(length: int) -> None:
    password = ("tulip mirror 7 " * 80)[:length]
    passwords.check_acceptable(password, ADDRESS)
    kept = passwords.hash(password)
    assert passwords.verify(password, kept)
    assert not passwords.verify(password[:-1], kept)
    assert not passwords.verify(password + "x", kept)


@pytest.mark.parametrize(
    "password", ["correct horse 🐎 battery", "with\x00null inside", "   spaces around   ", "ÄÖÜäöüß grün"]
)
def test_spaces_emoji_and_null_count_like_any_character(password: str) -> None:
    passwords.check_acceptable(password, ADDRESS)
    kept = passwords.hash(password)
    assert passwords.verify(password, kept)
    assert not passwords.verify(password.replace("\x00", "").strip() + "x", kept)


def test_composed_and_decomposed_letters_are_the_same_password() -> None:
    assert passwords.verify("gru\u0308n gru\u0308n gru\u0308n", passwords.hash("gr\u00fcn gr\u00fcn gr\u00fcn"))


@pytest.mark.parametrize(
    "password",
    ["short", "1234567", "x" * 1025, "password", "PassWord1", "iloveyou", "aaaaaaaaaaaa", "abababababab"]
    + ["steveslist", "Steveslist2026!", "anna.berg", "Anna.Berg99", "anna.berg@example.org"],
)
def test_short_common_and_personal_passwords_are_refused(password: str) -> None:
    with pytest.raises(Invalid) as refusal:
        passwords.check_acceptable(password, ADDRESS)
    assert "password" in refusal.value.fields


def test_a_long_password_is_hashed_first_under_a_marked_scheme() -> None:
    assert passwords.hash("x1" * 36).startswith("$2b$04$")
    assert passwords.hash("x1" * 36 + "y").startswith("$sha384$2b$04$")


def test_the_prehash_of_a_long_password_is_not_itself_the_password() -> None:
    long = "a long password " * 6
    prehash = passwords._prepare(long)[0].decode()
    assert not passwords.verify(prehash, passwords.hash(long))


def test_a_hash_below_the_policys_cost_wants_rehashing() -> None:
    weak = passwords.hash("tulip mirror")
    assert not passwords.needs_rehash(weak)
    people.configure(bcrypt_cost=5)
    assert passwords.needs_rehash(weak)
    assert passwords.needs_rehash("$1$of another scheme")


@pytest.mark.parametrize("kept", [None, ""])
def test_without_a_hash_to_compare_no_password_fits(kept: str | None) -> None:
    assert not passwords.verify("nobody's password", kept)


def test_only_a_few_passwords_are_hashed_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "WAIT_SECONDS", 0.01)
    monkeypatch.setattr(passwords, "_slots", threading.BoundedSemaphore(1))
    with passwords._slot(), pytest.raises(Busy):
        passwords.hash("tulip mirror")
    assert passwords.hash("tulip mirror")
