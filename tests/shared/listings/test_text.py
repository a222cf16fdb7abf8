"""What people paste becomes plain text, whatever was in it."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.listings.text import clean_line, clean_text

ANYTHING = st.text(st.characters(codec=None), max_size=200)


@given(ANYTHING)
def test_cleaning_twice_is_cleaning_once(text):
    assert clean_text(clean_text(text)) == clean_text(text)
    assert clean_line(clean_line(text)) == clean_line(text)


@given(ANYTHING)
def test_nothing_that_disguises_a_text_survives(text):
    for cleaned in (clean_text(text), clean_line(text)):
        cleaned.encode()
        assert not set(cleaned) & set(
            "\0\x1b\x7f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200b\ufeff\ufffd"
        )
        assert all(unicodedata.category(c) not in ("Cc", "Cs", "Co") or c == "\n" for c in cleaned)
    assert "\n" not in clean_line(text)
    assert "\n\n\n" not in clean_text(text)


@given(st.text(st.sampled_from("abcöß漢字مرحبا 🚲"), max_size=80))
def test_ordinary_words_stay_as_they_are(text):
    assert clean_line(text) == " ".join(unicodedata.normalize("NFC", text).split())


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Red\t\tbicycle\r\n", "Red bicycle"),
        ("invoice\u202egpj.exe", "invoicegpj.exe"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("👩\u200d👧", "👩\u200d👧"),
        ("Z" + "\u0301" * 40, "\u0179\u0301\u0301\u0301"),
        ("e\u0301", "é"),
        ("<b>1 < 2 & 3</b>", "<b>1 < 2 & 3</b>"),
    ],
)
def test_one_line(typed, kept):
    assert clean_line(typed).startswith(kept)
    assert len(clean_line(typed)) <= len(kept) + 4


def test_paragraphs_stay_and_heaps_of_empty_lines_do_not():
    assert clean_text(" one \r\n\r\n\r\n\r\n two\u2028three ") == "one\n\ntwo\nthree"
