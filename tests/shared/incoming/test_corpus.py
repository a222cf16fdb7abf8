"""Answers as mail programs write them (`mails/*.eml`), and what their authors typed (the `.txt` beside each)."""

from pathlib import Path

import pytest

from shared.incoming import Kind, read

MAILS = sorted((Path(__file__).parent / "mails").glob("*.eml"))


@pytest.mark.parametrize("mail", MAILS, ids=lambda mail: mail.stem)
def test_only_what_was_typed_is_left(mail: Path) -> None:
    letter = read(mail.read_bytes())
    assert letter.text == mail.with_suffix(".txt").read_text(encoding="utf-8")
    assert letter.kind is Kind.PERSON


@pytest.mark.parametrize("mail", MAILS, ids=lambda mail: mail.stem)
def test_line_ends_of_the_wire_make_no_difference(mail: Path) -> None:
    raw = mail.read_bytes()
    assert read(raw.replace(b"\n", b"\r\n")).text == read(raw).text
