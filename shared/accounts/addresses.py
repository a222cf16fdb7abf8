"""E-mail addresses: what we accept, what we send to, and what makes two of them the same."""

import unicodedata

from email_validator import EmailNotValidError, validate_email

from shared.errors import Invalid

LONGEST = 254  # RFC 5321 4.5.3.1.3, path without its brackets


def parse_address(text: str, field: str = "email") -> str:
    """The address to send to: domain in lower case, local part as typed. Invalid (about `field`) when it cannot be one.

    Nothing is looked up in the DNS: a form must not wait for it, and the confirmation mail is the proof.
    """
    text = text.strip()
    if len(text) > LONGEST or any(unicodedata.category(character).startswith("C") for character in text):
        raise Invalid({field: "Enter an e-mail address of at most 254 ordinary characters"})
    try:
        # Not every relay on the way speaks SMTPUTF8, so a local part beyond ASCII could be signed up and never mailed.
        found = validate_email(text, check_deliverability=False, strict=True, allow_smtputf8=False)
    except EmailNotValidError:
        raise Invalid({field: "Enter an e-mail address like name@example.com"}) from None
    if len(found.normalized.encode()) > LONGEST:
        raise Invalid({field: "Enter an e-mail address of at most 254 ordinary characters"})
    return found.normalized


def on_the_wire(address: str) -> str:
    """An accepted address as mail programs take it: its domain in the IDNA form."""
    found = validate_email(address, check_deliverability=False, allow_smtputf8=False)
    return found.ascii_email or address


def claim_value(address: str) -> str:
    """What an accepted address is unique by: the local part case-folded, the domain in its IDNA form.

    RFC 5321 lets hosts tell `Ann@` from `ann@`; none does, and nobody should be able to pass for somebody.
    """
    local, _, domain = address.rpartition("@")
    try:
        ascii_domain = validate_email(f"x@{domain}", check_deliverability=False).ascii_domain or domain
    except EmailNotValidError:
        ascii_domain = domain
    return f"{unicodedata.normalize('NFKC', local).casefold()}@{ascii_domain.lower()}"
