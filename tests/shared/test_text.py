"""What people paste becomes plain text, whatever was in it, and a number only what is one."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.text import ascii_digits, clean_line, clean_text, whole_number

# Letters that join, stack or run from right to left, and what stands between letters unseen.
TANGLED = st.sampled_from(
    "ae\u1ea1n\u0e19\u0928\u094d\u0645م👩\u1100\u0301\u0323\u20d0\u200b\u200c\u200d\u200e\u200f\u061c\u3000 \n\u3164"
)
ANYTHING = st.text(st.characters(codec=None), max_size=200) | st.text(TANGLED, max_size=40)


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
        ("क्\u200d", "क्\u200d"),
        ("ספר C++\u200e", "ספר C++\u200e"),
        ("A\u200dn\u200cn\u200ea\u200f", "Anna"),
        ("\u200d Anna\u200c\u200d", "Anna"),
        ("Fahr\u00adrad", "Fahrrad"),
        ("\u3164\u2800\uffa0\u115f", ""),
        ("A\U000e0041\U000e0042", "A"),
        ("Z" + "\u0301" * 40, "\u0179\u0301\u0301\u0301\u0301"),
        ("e\u0301", "é"),
        ("<b>1 < 2 & 3</b>", "<b>1 < 2 & 3</b>"),
    ],
)
def test_one_line(typed, kept):
    assert clean_line(typed) == kept


def test_paragraphs_stay_and_heaps_of_empty_lines_do_not():
    assert clean_text(" one \r\n\r\n\r\n\r\n two\u2028three ") == "one\n\ntwo\nthree"


@pytest.mark.parametrize("typed", ["0", "7", "007", "9007199254740991", "0" * 16])
def test_digits_are_a_number(typed):
    assert whole_number(typed) == int(typed)


@pytest.mark.parametrize(
    "typed",
    ["", " 7", "+7", "-7", "1_0", "7.0", "٣", "7٣", "²", "1e3", "0x7", "9007199254740992", "9" * 5000, "\ud800"],
)
def test_what_int_would_take_too_or_nobody_means_is_none(typed):
    assert whole_number(typed) is None


def test_a_number_out_of_its_range_is_none():
    assert [whole_number(str(number), 2, 4) for number in range(1, 6)] == [None, 2, 3, 4, None]


@pytest.mark.parametrize(
    ("typed", "read"), [("٢٥٠", "250"), ("１２a", "12a"), ("१.५", "1.5"), ("²½Ⅷ", "²½Ⅷ"), ("5", "5")]
)
def test_decimal_digits_of_every_script_are_read(typed, read):
    assert ascii_digits(typed) == read
