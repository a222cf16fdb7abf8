"""Mails that no person wrote, and by what a mail is known when it comes again."""

import pytest

from shared.incoming import Kind, Malformed, read
from tests.factories.letters import bounce, letter

PROGRAMS = [
    ({"Auto-Submitted": "auto-replied"}, Kind.AUTOMATIC),
    ({"Auto-Submitted": "auto-generated; owner-email=x"}, Kind.AUTOMATIC),
    ({"Precedence": "bulk"}, Kind.AUTOMATIC),
    ({"Precedence": "Auto_Reply"}, Kind.AUTOMATIC),
    ({"X-Autoreply": "yes"}, Kind.AUTOMATIC),
    ({"List-Id": "<talk.lists.example>"}, Kind.LIST),
    ({"List-Unsubscribe": "<https://lists.example/out>"}, Kind.LIST),
    ({"Return-Path": "<>"}, Kind.BOUNCE),
]


@pytest.mark.parametrize(("headers", "kind"), PROGRAMS)
def test_what_a_program_sent_is_known_by_its_headers_and_has_no_text(headers: dict[str, str], kind: Kind) -> None:
    found = read(letter(headers=headers))
    assert (found.kind, found.text) == (kind, "")


def test_a_person_may_say_that_no_program_wrote_it() -> None:
    assert read(letter(headers={"Auto-Submitted": "no"})).kind is Kind.PERSON


def test_a_mail_that_went_in_circles_is_a_loop() -> None:
    hops = b"Received: from a by b; Fri, 20 Nov 2026 10:00:00 +0000\r\n"
    assert read(hops * 100 + letter()).kind is Kind.PERSON
    assert read(hops * 101 + letter()).kind is Kind.LOOP


@pytest.mark.parametrize("sender", ["", "<>", "MAILER-DAEMON"])
def test_a_mail_from_nobody_is_a_bounce_whatever_its_headers_say(sender: str) -> None:
    assert read(letter(), sender).kind is Kind.BOUNCE


@pytest.mark.parametrize(
    ("status", "action", "failed"),
    [("5.1.1", "failed", True), ("5.0.0", "Failed", True), ("4.4.1", "delayed", False), ("2.0.0", "delivered", False)],
)
def test_a_bounce_says_whether_it_failed_for_good(status: str, action: str, failed: bool) -> None:
    found = read(bounce(status, action))
    assert (found.kind, found.failed) == (Kind.BOUNCE, failed)


def test_the_same_message_id_is_the_same_mail() -> None:
    first, again = letter(), b"Received: from a by b\r\n" + letter()
    assert read(first).key == read(again).key
    assert read(first).key != read(letter(headers={"Message-ID": "<2@mail.example>"})).key


def test_a_mail_without_message_id_is_known_by_all_of_it() -> None:
    without = {"Message-ID": None}
    assert read(letter(headers=without)).key == read(letter(headers=without)).key
    assert read(letter(headers=without)).key != read(letter("No.\n", headers=without)).key


def test_recipients_are_read_from_the_delivery_first() -> None:
    headers = {"To": "Konrad <r1@market.example>, r2@market.example", "Delivered-To": "r3@market.example"}
    found = read(letter(headers=headers)).recipients
    assert found == ("r3@market.example", "r1@market.example", "r2@market.example")


@pytest.mark.parametrize("raw", [b"", b"\r\n\r\n", b"\0\xff\xfe", b"no header at all"])
def test_what_is_no_mail_is_malformed(raw: bytes) -> None:
    with pytest.raises(Malformed):
        read(raw)
