"""`mail news`, as an operator uses it: looked at first, then queued once."""

import argparse

import pytest

from jobs import boot
from jobs.cli import mail as command
from shared import newsletters, preferences
from shared.preferences import Kind
from shared.sharding import transaction
from tests.factories.listings import seller

TEXT = "Spring is here\n\nTime to sell the skis.\n"


@pytest.fixture
def news(maildir, tmp_path, monkeypatch):
    monkeypatch.setattr(boot, "boot", lambda: None)
    for owner in (seller(), seller()):
        with transaction(owner) as session:
            preferences.choose(session, Kind.NEWS, True)
    file = tmp_path / "letter.txt"
    file.write_text(TEXT)

    def run(how: str, path: object = file) -> int:
        parser = argparse.ArgumentParser()
        command.arguments(parser)
        return command.run(parser.parse_args(["news", str(path), how]))

    return run


def test_a_dry_run_shows_the_letter_and_sends_nothing(news, capsys):
    assert news("--dry-run") == 0
    shown = capsys.readouterr().out
    assert "To 2 who want news." in shown
    assert "Subject: Spring is here" in shown and "Time to sell the skis." in shown
    assert newsletters.next_letter() is None


def test_a_letter_is_queued_once_and_then_accounted_for(news, capsys):
    assert news("--send") == 0
    assert "goes to 2 who want news" in capsys.readouterr().out
    assert newsletters.next_letter() is not None
    assert news("--send") == 0
    assert "goes to nobody twice: none yet" in capsys.readouterr().out


def test_what_is_no_letter_is_refused(news, tmp_path, capsys):
    (tmp_path / "none.txt").write_text("Only a subject\n")
    assert news("--send", tmp_path / "none.txt") == 1
    assert "leave the second empty" in capsys.readouterr().err


def test_one_says_whether_it_is_to_be_sent(maildir, tmp_path):
    parser = argparse.ArgumentParser()
    command.arguments(parser)
    with pytest.raises(SystemExit):
        parser.parse_args(["news", str(tmp_path)])
