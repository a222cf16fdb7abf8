"""Which parts of a mail are its text, and how they are read."""

import pytest

from shared.incoming import read
from tests.factories.letters import letter, multipart

TEXT = "Content-Type: text/plain; charset=utf-8\n\nYes, it is still here.\n"
PHOTO = "Content-Type: image/jpeg\nContent-Transfer-Encoding: base64\n\n/9j/4AAQSkZJRg==\n"


def test_attachments_are_left_out_and_counted() -> None:
    note = 'Content-Type: text/plain; charset=utf-8\nContent-Disposition: attachment; filename="n.txt"\n\nA note.\n'
    found = read(multipart(TEXT, PHOTO, note))
    assert (found.text, found.left_out) == ("Yes, it is still here.", 2)


def test_a_forwarded_mail_is_an_attachment_whose_words_are_not_read() -> None:
    forwarded = "Content-Type: message/rfc822\n\nFrom: x@y.example\n\nNot mine.\n"
    found = read(multipart(TEXT, forwarded))
    assert (found.text, found.left_out) == ("Yes, it is still here.", 1)


def test_pictures_within_the_text_are_nothing_to_mention() -> None:
    html = "Content-Type: text/html; charset=utf-8\n\n<p>Yes, it is still here.</p><img src='cid:logo'>\n"
    found = read(multipart(html, PHOTO, kind="related"))
    assert (found.text, found.left_out) == ("Yes, it is still here.", 0)


def test_html_is_read_where_the_plain_alternative_is_empty() -> None:
    plain, html = "Content-Type: text/plain\n\n \n", "Content-Type: text/html; charset=utf-8\n\n<p>Yes.</p>\n"
    assert read(multipart(plain, html, kind="alternative")).text == "Yes."


def test_texts_before_and_after_an_attachment_both_count() -> None:
    after = "Content-Type: text/plain; charset=utf-8\n\nAnd the lid.\n"
    found = read(multipart(TEXT, PHOTO, after))
    assert (found.text, found.left_out) == ("Yes, it is still here.\n\nAnd the lid.", 1)


@pytest.mark.parametrize("charset", ["x-unknown", "unicode_escape", "zip", "idna", "", "utf-8"])
def test_a_charset_that_is_none_is_taken_for_utf_8(charset: str) -> None:
    found = read(letter("Für 20 €, \\u0041\n", {"Content-Type": f'text/plain; charset="{charset}"'}))
    assert found.text == "Für 20 €, \\u0041"


def test_bytes_that_no_charset_explains_do_not_lose_the_rest() -> None:
    raw = letter("Yes, X is here.\n").replace(b"X", b"\xff\xfe\x81")
    assert read(raw).text == "Yes,  is here.".replace("  ", " ")


def test_letters_that_nobody_can_see_hide_no_address() -> None:
    assert read(letter("Write to anna.real\u200b@mail.exam\u00adple.\n")).text == "Write to [left out]."


def test_a_telephone_number_of_the_sender_is_left_out_and_other_numbers_stay() -> None:
    headers = {"From": '"+49 170 1234567" <491701234567@mms.example>'}
    found = read(letter("Call +49 (170) 123-4567 or 49/170/1234567, for 24.50, before 2026-11-20.\n", headers))
    assert found.text == "Call [left out] or [left out], for 24.50, before 2026-11-20."


def test_addresses_in_encoded_words_of_the_sender_are_left_out() -> None:
    headers = {"From": "=?utf-8?b?YW5uYUBob21lLmV4YW1wbGU=?= <anna.real@mail.example>"}
    assert read(letter("I am anna@home.example.\n", headers)).text == "I am [left out]."


def test_formatting_in_pre_and_lists_stays() -> None:
    html = "<ul><li>kettle<li>lid</ul><pre>one\n  two</pre><p>three<p>four<br>five"
    text = read(letter(html, {"Content-Type": "text/html"})).text
    assert text == "- kettle\n- lid\none\ntwo\n\nthree\n\nfour\nfive"


def test_what_an_unclosed_quote_holds_stays_quoted_and_an_indented_paragraph_does_not() -> None:
    html = '<p>Mine.</p><blockquote style="margin: 0 0 0 40px; border: none;">Indented.</blockquote><blockquote>Theirs.'
    assert read(letter(html, {"Content-Type": "text/html"})).text == "Mine.\n\nIndented."


def test_scripts_styles_and_titles_are_not_text() -> None:
    html = "<title>T</title><style>p{}</style><script>alert(1)</script><p>Yes &amp; &lt;b&gt;.</p>"
    assert read(letter(html, {"Content-Type": "text/html"})).text == "Yes & <b>."
