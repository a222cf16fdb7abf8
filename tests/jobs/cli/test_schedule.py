"""The timetable as an operator meets it."""

import argparse

import pytest

from jobs.cli import schedule as command
from jobs.timetable import TIMETABLE
from shared import clock, listings, scheduling
from shared.errors import NotFound
from shared.gateways.blobs import blobs
from tests.factories import listings as factory


def perform(*words: str) -> int:
    parser = argparse.ArgumentParser()
    command.arguments(parser)
    return command.perform(parser.parse_args(words))


def test_every_job_is_listed_with_when_it_is_due(fleet, capsys):
    with clock.freeze(1_800_000_000):
        assert perform("list") == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == [schedule.name for schedule in TIMETABLE]
    assert all("2027-01-1" in line for line in lines)


def test_a_run_by_hand_is_in_the_ledger_like_any_other(fleet, capsys):
    assert perform("run", "forget_events") == 0
    assert capsys.readouterr().out == "0 events and 0 consumers' marks forgotten\n"
    assert perform("runs") == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert "done     forget_events" in line
    assert scheduling.dispatchable(0) == []


def test_the_night_says_what_it_removed(fleet, tmp_path, monkeypatch, capsys):
    for name, value in (("VAR", str(tmp_path)), ("SECRET_KEY", "s" * 32), ("ID_KEY", "i" * 32)):
        monkeypatch.setenv(f"STEVESLIST_{name}", value)
    store = blobs(f"file:{tmp_path}/blobs")
    with clock.freeze(clock.now() - 31 * 86_400):
        factory.change(factory.published(factory.seller()), listings.remove)
        factory.guest_draft("key")
    store.put("0" * 32 + "-160.jpg", b"picture", "image/jpeg")
    with clock.freeze(clock.now() + 2 * 86_400):
        assert perform("run", "purge") == 0
    words = "removed 1 listings, 1 drafts, 1 guests, 1 files, 0 unfinished files"
    assert capsys.readouterr().out == f"{words}\n"
    assert perform("runs") == 0
    assert words in capsys.readouterr().out


def test_an_unknown_job_is_refused(fleet):
    with pytest.raises(NotFound, match="no job 'everything'"):
        perform("run", "everything")
