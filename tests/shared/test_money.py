"""Amounts as people write them, in every active currency."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.money import (
    CURRENCIES,
    MAX_AMOUNT,
    InvalidAmount,
    UnknownCurrency,
    currency,
    decimal_amount,
    format_amount,
    parse_amount,
)

codes = st.sampled_from(sorted(CURRENCIES))
amounts = st.integers(min_value=0, max_value=MAX_AMOUNT)


@pytest.mark.parametrize(
    ("text", "code", "amount"),
    [
        ("0", "EUR", 0),
        ("1250", "EUR", 125_000),
        ("1.234,50", "EUR", 123_450),
        ("1,234.50", "EUR", 123_450),
        ("1 234,5", "EUR", 123_450),
        ("1\u202f234,50 €", "EUR", 123_450),
        ("1'234.50", "CHF", 123_450),
        ("CHF 1’234", "CHF", 123_400),
        ("1.234", "EUR", 123_400),
        ("1,234", "USD", 123_400),
        ("1.234.567", "EUR", 123_456_700),
        ("12,5", "EUR", 1_250),
        ("0.99", "USD", 99),
        ("$20", "USD", 2_000),
        ("$20", "CAD", 2_000),
        ("eur 20", "EUR", 2_000),
        ("1,00,000", "INR", 10_000_000),
        ("1,00,000.50", "INR", 10_000_050),
        ("1.200", "JPY", 1_200),
        ("¥1,200", "JPY", 1_200),
        ("1,234.500 KWD", "KWD", 1_234_500),
        ("5.250", "KWD", 5_250),
        ("5,25", "TND", 5_250),
        ("٢٥٠", "EGP", 25_000),
        ("１２０", "JPY", 120),
    ],
)
def test_amounts_are_read_in_both_decimal_styles(text, code, amount):
    assert parse_amount(text, code) == amount


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("", "EUR", "Write an amount"),
        ("   ", "EUR", "Write an amount"),
        ("-5", "EUR", "less than zero"),
        ("−5", "EUR", "less than zero"),
        ("(5)", "EUR", "less than zero"),
        ("1.999,999", "EUR", "2 decimals"),
        ("0.123", "EUR", "2 decimals"),
        ("1234.567", "EUR", "2 decimals"),
        ("9.5", "JPY", "no decimals"),
        ("1,234", "TND", "two ways"),
        ("1,2,3", "EUR", "in digits"),
        ("1.23.456", "EUR", "in digits"),
        ("1,234'567", "EUR", "in digits"),
        ("12 34", "EUR", "in digits"),
        ("5.", "EUR", "in digits"),
        (".5", "EUR", "in digits"),
        ("5\x00", "EUR", "in digits"),
        ("5\n", "EUR", "in digits"),
        ("5\u202e", "EUR", "in digits"),
        ("$5", "EUR", "Euro (EUR)"),
        ("1e5", "EUR", "in digits"),
        ("²", "EUR", "in digits"),
        ("NaN", "EUR", "in digits"),
        ("9" * 5000, "EUR", "in digits"),
        ("10000000000.01", "EUR", "highest amount is €10,000,000,000"),
    ],
)
def test_what_is_no_amount_is_refused_with_words_that_help(text, code, words):
    with pytest.raises(InvalidAmount) as refused:
        parse_amount(text, code)
    assert words in refused.value.message


@pytest.mark.parametrize(
    ("amount", "code", "text"),
    [
        (123_450, "EUR", "€1,234.50"),
        (123_400, "EUR", "€1,234"),
        (1_200, "JPY", "¥1,200"),
        (1_234_500, "KWD", "1,234.500 KWD"),
        (5_000, "KWD", "5.000 KWD"),
        (1_205, "CHF", "12.05 CHF"),
        (0, "USD", "$0"),
        (-250, "GBP", "-£2.50"),
    ],
)
def test_amounts_are_written_plainly(amount, code, text):
    assert format_amount(amount, code) == text


@given(amounts, codes)
def test_every_written_amount_reads_back_the_same(amount, code):
    assert parse_amount(format_amount(amount, code), code) == amount


@given(amounts, codes)
def test_every_bare_number_reads_back_the_same(amount, code):
    assert parse_amount(decimal_amount(amount, code), code) == amount


@given(st.text() | st.text(alphabet="0123456789.,' €-", max_size=12), codes)
def test_any_text_is_an_amount_or_an_error(text, code):
    try:
        amount = parse_amount(text, code)
    except InvalidAmount:
        return
    assert 0 <= amount <= MAX_AMOUNT


def test_unknown_currencies_are_refused():
    assert currency(" eur ").code == "EUR"
    for code in ("", "XXX", "€", "EURO", "ＥＵＲ", "BGN"):
        with pytest.raises(UnknownCurrency):
            currency(code)


def test_the_table_of_currencies_is_well_formed():
    assert len(CURRENCIES) == 154
    symbols = [unit.symbol for unit in CURRENCIES.values() if unit.symbol]
    assert len(symbols) == len(set(symbols))
    for unit in CURRENCIES.values():
        assert len(unit.code) == 3
        assert unit.code.isascii()
        assert unit.code.isupper()
        assert unit.name.strip() == unit.name != ""
        assert unit.decimals in (0, 2, 3)
