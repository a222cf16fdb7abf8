"""Ids name their owner; public ids are one to one and tell nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import ids

any_id = st.integers(min_value=0, max_value=ids.MAX_ID)


@given(st.integers(0, ids.MAX_OWNER), st.integers(0, ids.MAX_SEQUENCE))
def test_an_id_names_its_owner_and_fits_in_json(owner, sequence):
    id = ids.compose(owner, sequence)
    assert ids.owner_of(id) == owner
    assert id < 2**53


@given(any_id)
def test_public_ids_are_one_to_one(id):
    assert ids.from_public(ids.public(id)) == id
    assert 0 <= ids.public(id) <= ids.MAX_ID


def test_neighbours_are_far_apart_in_public():
    publics = [ids.public(ids.compose(5, n)) for n in range(1000)]
    assert publics != sorted(publics)
    assert min(abs(a - b) for a, b in zip(publics, publics[1:], strict=False)) > 1000


@pytest.mark.parametrize("value", [-1, 2**53])
def test_numbers_outside_53_bits_are_refused(value):
    for function in (ids.public, ids.from_public):
        with pytest.raises(ValueError, match="53-bit"):
            function(value)


@pytest.mark.parametrize(("owner", "sequence"), [(-1, 0), (ids.MAX_OWNER + 1, 0), (0, ids.MAX_SEQUENCE + 1)])
def test_parts_that_do_not_fit_are_refused(owner, sequence):
    with pytest.raises(ValueError, match="out of range"):
        ids.compose(owner, sequence)
