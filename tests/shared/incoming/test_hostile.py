"""Whatever strangers send: a letter or a plain refusal, in good time, and nobody's address."""

import contextlib
import re
import resource
from email.message import EmailMessage

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.incoming import Malformed, read
from shared.incoming.quotes import typed
from tests.factories.letters import HEADERS, letter, multipart

LONG = 200_000
# A processor's seconds, not the clock's; hundreds of times what it takes and far below what a square would.
MOST_SECONDS = 5
local_parts = st.from_regex(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,20}", fullmatch=True)
addresses = st.builds(
    lambda local, host: f"{local}@{host}.example", local_parts, st.from_regex("[a-z]{1,9}", fullmatch=True)
)
usual_addresses = st.from_regex(r"[a-z][a-z0-9._+-]{0,20}@([a-z0-9-]{1,9}\.){1,3}[a-z]{2,6}", fullmatch=True)
lines = st.one_of(
    st.text(max_size=60),
    addresses,
    st.sampled_from(
        ["> quoted", "-- ", "On Fri, Nov 20, 2026 at 10:02 AM A <a@b.example> wrote:", "From: a@b.example", "Sent: x"]
        + ["To: y", "Subject: z", "-----Original Message-----", "________________", "Sent from my iPhone", ""]
    ),
)
PIECES = [
    *(b"Content-Type: ", b"multipart/mixed", b"; boundary=a", b"text/html; charset=", b"utf-7", b"\r\n", b"\r\n\r\n"),
    *(b"--a", b"--a--", b"Content-Disposition: attachment; filename*0*=", b"%ff'", b"=?utf-8?b?/?=", b"message/rfc822"),
    *(b"message/delivery-status", b"<blockquote>", b"</div>", b"<!--", b"&#x110000;", b"\xff", b"From: "),
]


@given(st.binary(max_size=400))
def test_any_bytes_are_a_letter_or_malformed(raw: bytes) -> None:
    with contextlib.suppress(Malformed):
        read(raw)


@given(st.lists(st.sampled_from(PIECES), max_size=40))
def test_pieces_of_mails_in_any_order_are_a_letter_or_malformed(pieces: list[bytes]) -> None:
    with contextlib.suppress(Malformed):
        read(b"".join(pieces))


@given(addresses, addresses, st.lists(lines, max_size=12))
@settings(max_examples=300)
def test_no_address_of_a_header_is_in_the_text(sender: str, other: str, typed_lines: list[str]) -> None:
    message = EmailMessage()
    for name in ("From", "Reply-To", "Return-Path", "Delivered-To"):
        message.add_header(f"X-{name}", sender)
    message["Subject"] = "Re: something"
    message.set_content("\n".join([*typed_lines, f"I am {other.upper()}, {sender} and <{sender}>"]), cte="8bit")
    raw = message.as_bytes().replace(b"X-From:", b"From:").replace(b"X-Reply-To:", b"Reply-To:")
    assert sender.lower() not in read(raw).text.lower()


@given(st.lists(st.one_of(usual_addresses, st.sampled_from(["and", "<", ">", "(mailto:", ")", ".", "/"])), max_size=12))
def test_no_address_is_in_the_text_whoever_it_belongs_to(words: list[str]) -> None:
    text = read(letter(f"Yes {' '.join(words)} yes {''.join(words)}\n")).text
    assert not [word for word in words if "@" in word and word in text]


@given(st.lists(lines, max_size=30))
def test_taking_quotes_away_adds_nothing_and_leaves_no_quoted_line(typed_lines: list[str]) -> None:
    text = "\n".join(typed_lines)
    left = typed(text)
    assert len(left) <= len(text)
    assert not any(re.match(" {0,3}>", line) for line in left.split("\n")[1:])


HOSTILE = {
    "one long word": "a" * LONG,
    "a word of signs": "@" * LONG,
    "openers": "On 1 " * (LONG // 5),
    "attributions": "On 1 Jan 2026 a@b.example wrote:\n" * (LONG // 33),
    "labels": "From: a\n" * (LONG // 8),
    "colons": ":\n" * (LONG // 2),
    "digits": "1 " * (LONG // 2),
    "quotes": ">" * LONG,
    "rules": "_" * LONG,
    "dashes": "--" * (LONG // 2),
    "spaces": " " * LONG + ":",
    "marks": "\u0301" * LONG,
}
HOSTILE_HTML = {
    "open elements": "<div>" * (LONG // 5),
    "closed elements": "</div>" * (LONG // 6),
    "open brackets": "<" * LONG,
    "comments": "<!--" * (LONG // 4),
    "declarations": "<!" * (LONG // 2),
    "instructions": "<?" * (LONG // 2),
    "attributes": "<a " + "b=" * (LONG // 2),
    "references": "&#" * (LONG // 2),
    "quotes in quotes": "<blockquote>" * (LONG // 12),
    "scripts": "<script>" * (LONG // 8),
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=list(HOSTILE))
def test_long_lines_of_anything_take_no_long_time(text: str) -> None:
    before = _processor_seconds()
    read(letter(text))
    assert _processor_seconds() - before < MOST_SECONDS


@pytest.mark.parametrize("html", HOSTILE_HTML.values(), ids=list(HOSTILE_HTML))
def test_long_pages_of_anything_take_no_long_time(html: str) -> None:
    before = _processor_seconds()
    read(letter(html, {"Content-Type": "text/html"}))
    assert _processor_seconds() - before < MOST_SECONDS


def test_parts_in_parts_without_end_are_refused_or_left_out() -> None:
    raw = letter("", {"Content-Type": 'multipart/mixed; boundary="0"'})
    for depth in range(2000):
        raw += f'--{depth}\r\nContent-Type: multipart/mixed; boundary="{depth + 1}"\r\n\r\n'.encode()
    try:
        assert read(raw).text == ""
    except Malformed as error:
        assert "cannot be read" in error.message


NESTED = {"Content-Type": 'multipart/mixed; boundary="0"'}
MANY = b"\n" * (5 * 1024 * 1024)
BOMBS = {
    "lines": letter() + MANY,
    "lines ended in the old way": letter() + MANY.replace(b"\n", b"\r"),
    "lines in parts in parts": letter("", NESTED) + b"".join(
        b'--%d\r\nContent-Type: multipart/mixed; Boundary="%d"\r\n\r\n' % (depth, depth + 1) for depth in range(200)
    ) + MANY,
}  # fmt: skip


@pytest.mark.parametrize("raw", BOMBS.values(), ids=list(BOMBS))
def test_a_mail_made_to_keep_the_parser_busy_is_refused_unread(raw: bytes) -> None:
    before = _processor_seconds()
    with pytest.raises(Malformed):
        read(raw)
    assert _processor_seconds() - before < MOST_SECONDS


def test_ten_thousand_parts_take_no_long_time() -> None:
    before = _processor_seconds()
    assert read(multipart(*["Content-Type: text/plain\n\nx"] * 10_000)).text.startswith("x\n\nx")
    assert _processor_seconds() - before < MOST_SECONDS


def test_a_photo_of_the_largest_size_is_no_bomb() -> None:
    line = "/9j/4AAQSkZJRg" * 5 + "\n"
    photo = "Content-Type: image/jpeg\nContent-Transfer-Encoding: base64\n\n" + line * 130_000
    found = read(multipart("Content-Type: text/plain\n\nHere it is.\n", *[photo]))
    assert (found.text, found.left_out) == ("Here it is.", 1)


@pytest.mark.parametrize("name", ["From", "To", "X-Other"])
def test_a_header_of_megabytes_takes_no_long_time(name: str) -> None:
    before = _processor_seconds()
    assert read(letter(headers={name: "a@b.example, " * 700_000})).text
    # Looked through to its end it would take 2 to 4.
    assert _processor_seconds() - before < 1


def test_many_long_headers_take_no_long_time() -> None:
    before = _processor_seconds()
    junk = {f"X-{number}": "a@" * 1000 + "b" for number in range(500)}
    assert read(letter(headers={**HEADERS, **junk})).text
    assert _processor_seconds() - before < MOST_SECONDS


def _processor_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
