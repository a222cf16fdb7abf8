"""The timetable as an operator meets it."""

import argparse

import pytest

from jobs.cli import schedule as command
from jobs.timetable import TIMETABLE
from shared import clock, listings, scheduling
from shared.errors import Conflict, NotFound
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
    assert all("next 2027-01-1" in line and "last: never ran" in line for line in lines)
    assert "missed: latest" in lines[0]


def test_a_run_by_hand_is_in_the_ledger_like_any_other(fleet, capsys):
    assert perform("run", "forget_events") == 0
    assert capsys.readouterr().out == "0 events and 0 consumers' marks forgotten\n"
    assert perform("runs") == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert "done     forget_events" in line
    assert line.endswith("0 events and 0 consumers' marks forgotten")
    assert scheduling.dispatchable(0) == []


def test_a_run_by_hand_in_the_second_of_another_says_so(fleet, capsys):
    with clock.freeze(1_800_000_000):
        perform("run", "forget_events")
        with pytest.raises(Conflict, match="schedule runs forget_events"):
            perform("run", "forget_events")


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


def test_after_a_crash_an_operator_knows_which_jobs_did_and_did_not_run(fleet, capsys):
    with clock.freeze(1_790_000_000):
        scheduling.enter("purge", [1, 2, 3], skipped=[4])
        for slot in (1, 2):
            scheduling.claim("purge", slot, 0)
    with clock.freeze(1_790_000_060):
        scheduling.finish("purge", 1, "removed 3 listings")
    perform("runs", "purge")
    skipped, waiting, cut_off, done = capsys.readouterr().out.splitlines()
    nothing = "-" * 20
    assert skipped == f"1970-01-01 00:00:04Z  skipped  {'purge':<24}  {nothing} to {nothing}"
    assert waiting == f"1970-01-01 00:00:03Z  due      {'purge':<24}  {nothing} to {nothing}"
    assert cut_off == f"1970-01-01 00:00:02Z  due      {'purge':<24}  2026-09-21 14:13:20Z to {nothing}"
    assert done.endswith("2026-09-21 14:13:20Z to 2026-09-21 14:14:20Z  removed 3 listings")


def test_the_ledger_can_be_asked_for_one_job_or_one_outcome(fleet, capsys):
    scheduling.enter("purge", [1])
    scheduling.enter("forget_events", [2], skipped=[3])
    perform("runs", "forget_events", "--status", "due")
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith("1970-01-01 00:00:02Z  due      forget_events")
    with pytest.raises(NotFound, match="no job 'forget'"):
        perform("runs", "forget")
