"""Dead letters and replays as an operator meets them."""

import argparse

import pytest

from jobs.cli import events as command
from jobs.consumers import load
from jobs.event_page import PAGE, text
from shared import clock
from shared.errors import NotFound
from shared.events import EVENT_TYPES, NewUserSignup, acknowledge, handled, inbox, postpone, record
from shared.events.parked import count_parked, oldest_pending
from shared.events.relay import KEEP_SECONDS, forget_events, number_pending, sweep
from shared.ids import owner_of
from shared.sharding import allocate_owner, read, transaction

THEN = 1_790_000_000


def perform(*words: str) -> int:
    parser = argparse.ArgumentParser()
    command.arguments(parser)
    return command.perform(parser.parse_args(words))


@pytest.fixture
def dead(fleet) -> tuple[int, int]:
    """An owner and his event, which one consumer gave up on and the sweep has passed."""
    owner = allocate_owner()
    with clock.freeze(THEN), transaction(owner) as session:
        event = record(session, NewUserSignup(user=owner))
        acknowledge(session, "mail_confirmation", event, dead="mail: no such mailbox")
    for shard in fleet.names("user"):
        number_pending(shard)
    for shard in fleet.names("user"):
        assert sweep(shard, {"NewUserSignup": ["mail_confirmation"]}) == {}
    return owner, event


def due(fleet) -> list[tuple[str, int]]:
    """The tries that the relay finds."""
    return [(each.consumer, each.event) for shard in fleet.names("user") for each in inbox.due(shard)]


def test_dead_letters_are_listed_with_their_reason(fleet, dead, capsys):
    assert perform("dead") == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert str(dead[1]) in line
    assert line.endswith("NewUserSignup  mail_confirmation  mail: no such mailbox")


def test_other_consumers_letters_and_older_ones_can_be_left_out(fleet, dead, capsys):
    perform("dead", "mail_reset")
    perform("dead", "--since", "2026-09-21T14:13:21")
    perform("dead", "--event", "1")
    assert capsys.readouterr().out == ""
    perform("dead", "mail_confirmation", "--since", "2026-09-21T14:13:20")
    assert str(dead[1]) in capsys.readouterr().out


def test_a_list_that_was_cut_says_so(fleet, dead, capsys):
    perform("dead", "--limit", "1")
    assert "There may be more" in capsys.readouterr().err


def test_what_will_be_tried_again_by_itself_is_no_dead_letter(fleet, capsys):
    owner = allocate_owner()
    with transaction(owner) as session:
        event = record(session, NewUserSignup(user=owner))
        postpone(session, "mail_confirmation", event, "mail: greylisted")
    perform("dead")
    assert capsys.readouterr().out == ""
    perform("waiting")
    assert capsys.readouterr().out.endswith("NewUserSignup  mail_confirmation  mail: greylisted\n")


def test_a_retried_letter_is_found_by_the_relay_again(fleet, dead, capsys):
    owner, event = dead
    assert perform("retry", "mail_confirmation") == 0
    assert capsys.readouterr().out.startswith("1 will be tried again")
    with read(owner) as session:
        assert not handled(session, "mail_confirmation", event)
    assert due(fleet) == [("mail_confirmation", event)]


def test_letters_that_are_parked_again_at_once_do_not_keep_a_retry_going(fleet, dead, monkeypatch, capsys):
    revive, calls = inbox.revive, []

    def revive_and_fail(shard, letters):
        calls.append(letters)
        assert len(calls) < 5, "it would go on for ever"
        count = revive(shard, letters)
        for consumer, event in letters:
            with clock.freeze(clock.now() + 1), transaction(owner_of(event)) as session:
                acknowledge(session, consumer, event, dead="mail: no such mailbox")
        return count

    monkeypatch.setattr(inbox, "revive", revive_and_fail)
    with clock.freeze(THEN + 60):
        perform("retry")
    assert capsys.readouterr().out.startswith("1 will be tried again")
    assert len(calls) == 1


def test_a_letter_whose_event_is_forgotten_is_neither_listed_nor_counted(fleet, dead, capsys):
    owner, _ = dead
    shard = fleet.placement.lookup("user", owner).shard
    with clock.freeze(THEN + KEEP_SECONDS + 1):
        assert forget_events(shard) == 1
    perform("dead")
    assert capsys.readouterr().out == ""
    assert count_parked(shard) == 0


@pytest.mark.parametrize("words", [("dead", "--limit", "-1"), ("waiting", "--limit", "0"), ("retry", "--event", "-1")])
def test_a_number_that_makes_no_sense_is_refused(fleet, words, capsys):
    with pytest.raises(SystemExit):
        perform(*words)
    assert "is not a whole number above 0" in capsys.readouterr().err


def test_retrying_nothing_changes_nothing(fleet, dead, capsys):
    assert perform("retry", "--event", "1") == 0
    assert sum(count_parked(shard) for shard in fleet.names("user")) == 1
    assert due(fleet) == []


def test_a_replay_delivers_what_was_handled_well_and_what_the_consumer_never_had(fleet, capsys):
    owner = allocate_owner()
    with clock.freeze(THEN), transaction(owner) as session:
        early = record(session, NewUserSignup(user=owner))
    with clock.freeze(THEN + 60), transaction(owner) as session:
        done, never_had = record(session, NewUserSignup(user=owner)), record(session, NewUserSignup(user=owner))
        for event in (early, done):
            acknowledge(session, "mail_confirmation", event)
    for shard in fleet.names("user"):
        number_pending(shard)
    since = ("--since", "2026-09-21T14:14:20")
    assert perform("replay", "mail_confirmation", *since, "--dry-run") == 0
    assert capsys.readouterr().out.startswith("2 events since 2026-09-21 14:14:20Z would be delivered")
    assert due(fleet) == []
    assert perform("replay", "mail_confirmation", *since) == 0
    assert capsys.readouterr().out.startswith("2 events")
    assert sorted(due(fleet)) == [("mail_confirmation", done), ("mail_confirmation", never_had)]


def test_a_replay_goes_through_more_events_than_fit_into_one_transaction(fleet, monkeypatch, capsys):
    monkeypatch.setattr("shared.events.parked.AT_ONCE", 2)
    owners = [allocate_owner() for _ in range(5)]
    for owner in owners:
        with clock.freeze(THEN), transaction(owner) as session:
            record(session, NewUserSignup(user=owner))
    for shard in fleet.names("user"):
        number_pending(shard)
    perform("replay", "mail_confirmation", "--since", "2026-01-01")
    assert len(due(fleet)) == 5


@pytest.mark.parametrize("word", ["dead", "retry", "replay"])
def test_a_misspelt_consumer_is_refused(fleet, word):
    words = ("--since", "1h") if word == "replay" else ()
    with pytest.raises(NotFound, match="no consumer 'mail_conformation'"):
        perform(word, "mail_conformation", *words)


def test_times_are_understood_as_operators_write_them(fleet, dead, capsys):
    with clock.freeze(THEN + 7200):
        perform("dead", "--since", "2h")
        assert capsys.readouterr().out
        perform("dead", "--since", "119m")
        assert not capsys.readouterr().out
    with pytest.raises(SystemExit):
        perform("dead", "--since", "yesterday")
    assert "30m, 6h or 2d" in capsys.readouterr().err


def test_every_event_and_every_consumer_says_what_it_is():
    assert [thing for thing in EVENT_TYPES.values() if not thing.__doc__] == []
    assert [one.name for one in load().values() if not one.handle.__doc__] == []


def test_the_page_of_events_is_what_the_code_says():
    assert PAGE.read_text(encoding="utf-8") == text(), "run: python3 run.py events page"


def test_age_of_the_oldest_pending_event_is_known(fleet):
    owner = allocate_owner()
    with clock.freeze(1_700_000_000), transaction(owner) as session:
        record(session, NewUserSignup(user=owner))
    assert [age for shard in fleet.names("user") if (age := oldest_pending(shard))] == [1_700_000_000]
    for shard in fleet.names("user"):
        number_pending(shard)
        assert oldest_pending(shard) is None
