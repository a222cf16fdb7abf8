"""Signed links: they hold for one purpose, one row and what was bound, and for nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import ids, signing

KEY = b"the secret of the tests, 32 bytes"
ROW = ids.compose(ids.compose_owner(3, 17), 5)


def test_a_token_names_its_row_and_proves_itself():
    token = signing.sign(KEY, "preferences", ROW, "anna@example.org")
    assert signing.claimed(token) == ROW
    assert signing.proves(KEY, "preferences", token, "anna@example.org")
    assert token == signing.sign(KEY, "preferences", ROW, "anna@example.org")


@pytest.mark.parametrize(
    ("key", "purpose", "bound"),
    [
        (b"another secret of 32 bytes or so", "preferences", ("anna@example.org",)),
        (KEY, "bounce", ("anna@example.org",)),
        (KEY, "preferences", ("eve@example.org",)),
        (KEY, "preferences", ()),
        (KEY, "preferences", ("anna@example.org", "")),
    ],
)
def test_a_token_is_worth_nothing_elsewhere(key, purpose, bound):
    token = signing.sign(KEY, "preferences", ROW, "anna@example.org")
    assert not signing.proves(key, purpose, token, *bound)


def test_the_token_of_one_row_does_not_fit_another():
    token, other = (signing.sign(KEY, "preferences", row) for row in (ROW, ROW + 1))
    assert not signing.proves(KEY, "preferences", other[:14] + token[14:])


def test_parts_cannot_be_moved_from_one_to_the_next():
    token = signing.sign(KEY, "a", ROW, "bc", "d")
    assert not signing.proves(KEY, "a", token, "b", "cd")
    assert not signing.proves(KEY, "ab", signing.sign(KEY, "a", ROW, "b"))


@given(st.text(alphabet="0123456789abcdefgXYZ-_\n", max_size=60))
def test_no_other_text_opens_anything(text):
    assert not signing.proves(KEY, "preferences", text)
    assert signing.claimed(text) is None or len(text) == 46


def test_a_number_beyond_all_ids_is_no_token():
    assert signing.claimed("f" * 14 + "0" * 32) is None


def test_a_token_fits_into_the_local_part_of_an_address():
    assert len(f"bounce-{signing.sign(KEY, 'bounce', ROW)}") <= 64
