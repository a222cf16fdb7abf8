"""Which addresses are accepted, and which of them are the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.accounts.addresses import claim_value, parse_address
from shared.errors import Invalid


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" Anna@EXAMPLE.org ", "Anna@example.org"),
        ("anna+bikes@example.co.uk", "anna+bikes@example.co.uk"),
        ("anna@BÜCHER.de", "anna@bücher.de"),
    ],
)
def test_the_local_part_is_kept_as_typed_and_the_domain_in_lower_case(typed: str, kept: str) -> None:
    assert parse_address(typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "anna",
        "anna@",
        "@example.org",
        "anna@example",
        "anna@localhost",
        "anna@[127.0.0.1]",
        "anna@example.org\nBcc: all@example.org",
        "anna\x00@example.org",
        "anna\u202e@example.org",
        "a b@example.org",
        '"a b"@example.org',
        "anna@example.org, bert@example.org",
        "Anna <anna@example.org>",
        "a" * 65 + "@example.org",
        "anna@" + "a" * 250 + ".org",
        "anna@exa_mple.org",
        "anna@-example.org",
        "anna@example..org",
        "ännä@example.org",
    ],
)
def test_what_cannot_be_an_address_is_refused_in_words(typed: str) -> None:
    with pytest.raises(Invalid) as refusal:
        parse_address(typed)
    assert refusal.value.fields["email"].startswith("Enter an e-mail address")


def test_two_spellings_of_one_mailbox_make_one_claim() -> None:
    assert claim_value(parse_address("Anna@EXAMPLE.org")) == claim_value(parse_address("anna@example.org"))
    assert claim_value(parse_address("anna@bücher.de")) == claim_value(parse_address("anna@xn--bcher-kva.de"))


@given(st.text(max_size=300))
def test_any_text_is_either_an_address_or_refused(text: str) -> None:
    try:
        kept = parse_address(text)
    except Invalid:
        return
    assert parse_address(kept) == kept
    assert len(claim_value(kept)) <= 255
