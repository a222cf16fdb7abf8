"""Names as people type them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.places import fold, slugify


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("São Tomé", "sao tome"),
        ("L’Aquila", "laquila"),
        ("Łódź", "lodz"),
        ("İstanbul", "istanbul"),
        ("Straße", "strasse"),
        ("Đồng Tháp", "dong thap"),
        ("Tórshavn / Havn", "torshavn havn"),
        ("Sa'dah_2", "sadah 2"),
        ("...", ""),
    ],
)
def test_names_lose_case_accents_and_punctuation(text, folded):
    assert fold(text) == folded


@given(st.text(st.characters(exclude_categories=())))
def test_folding_twice_is_folding_once(text):
    assert fold(fold(text)) == fold(text)


@given(st.text(), st.integers(min_value=1))
def test_slugs_are_ascii_and_never_empty(name, id):
    slug = slugify(name, str(id))
    assert slug
    assert slug.isascii()
    assert slug.replace("-", "").isalnum()
