"""Dead letters as an operator meets them."""

import argparse

import pytest

from jobs.cli import events as command
from shared import clock
from shared.events import NewUserSignup, acknowledge, handled, record
from shared.events.parked import count_parked, oldest_pending
from shared.events.relay import number_pending, sweep
from shared.sharding import allocate_owner, read, transaction


def perform(*words: str) -> int:
    parser = argparse.ArgumentParser()
    command.arguments(parser)
    return command.perform(parser.parse_args(words))


@pytest.fixture
def dead(fleet) -> tuple[int, int]:
    """An owner and his event, which one consumer gave up on and the sweep has passed."""
    owner = allocate_owner()
    with transaction(owner) as session:
        event = record(session, NewUserSignup(user=owner))
        acknowledge(session, "mail_confirmation", event, dead="mail: no such mailbox")
    for shard in fleet.names("user"):
        number_pending(shard)
    assert _swept(fleet) == []
    return owner, event


def _swept(fleet) -> list[int]:
    """What the relay's sweep finds, an hour from now."""
    with clock.freeze(clock.now() + 3600):
        found = [sweep(shard, {"NewUserSignup": ["mail_confirmation"]}) for shard in fleet.names("user")]
    return [due.id for each in found for due in each.get("mail_confirmation", [])]


def test_dead_letters_are_listed_with_their_reason(fleet, dead, capsys):
    assert perform("dead") == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert str(dead[1]) in line
    assert line.endswith("NewUserSignup  mail_confirmation  mail: no such mailbox")


def test_another_consumers_letters_can_be_left_out(fleet, dead, capsys):
    perform("dead", "--consumer", "somebody_else")
    assert capsys.readouterr().out == ""


def test_a_retried_letter_is_found_by_the_relay_again(fleet, dead, capsys):
    owner, event = dead
    assert perform("retry", "--event", str(event)) == 0
    assert capsys.readouterr().out.startswith("1 will be tried again")
    with read(owner) as session:
        assert not handled(session, "mail_confirmation", event)
    assert _swept(fleet) == [event]


def test_retrying_nothing_changes_nothing(fleet, dead, capsys):
    assert perform("retry", "--event", "1") == 0
    assert sum(count_parked(shard) for shard in fleet.names("user")) == 1
    assert _swept(fleet) == []


def test_age_of_the_oldest_pending_event_is_known(fleet):
    owner = allocate_owner()
    with clock.freeze(1_700_000_000), transaction(owner) as session:
        record(session, NewUserSignup(user=owner))
    assert [age for shard in fleet.names("user") if (age := oldest_pending(shard))] == [1_700_000_000]
    for shard in fleet.names("user"):
        number_pending(shard)
        assert oldest_pending(shard) is None
