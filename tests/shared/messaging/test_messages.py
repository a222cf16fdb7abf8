"""A message is written once, carried over once, and readable by its recipient alone."""

import pytest

from shared import messaging
from shared.errors import Invalid, NotFound
from shared.events import MessageSent, load, read_feed
from shared.events.relay import number_pending
from shared.messaging.errors import CannotWriteToYourself
from shared.sharding import OwnerSession, allocate_owner, once, read, transaction
from tests.factories.plans import plans

LISTING = 77


def write(sender: int, recipient: int, key: bytes = b"k" * 16, body: str = "Is it still there?") -> int:
    def work(session: OwnerSession) -> int:
        return messaging.send(
            session,
            sender_name="Bo",
            recipient=recipient,
            listing=LISTING,
            title="Red bicycle",
            body=body,
            share_address=False,
        )

    return once(sender, key, work)


@pytest.fixture
def pair(fleet) -> tuple[int, int]:
    return allocate_owner(), allocate_owner()


def test_a_message_reaches_the_recipients_inbox_exactly_once(pair):
    sender, recipient = pair
    message = write(sender, recipient)
    with read(sender) as session:
        sent = messaging.sent(session, message)
    for expected in (True, False):
        with transaction(recipient) as session:
            assert messaging.deliver(session, sent) is expected
    with read(recipient) as session:
        assert [(each.sender, each.body) for each in messaging.inbox(session)] == [(sender, "Is it still there?")]
        assert messaging.unread(session) == 1


def test_a_repeated_request_writes_one_message_and_one_event(pair, fleet):
    sender, recipient = pair
    assert write(sender, recipient) == write(sender, recipient)
    due = [each for shard in fleet.names("user") for each in number_pending(shard)]
    with read(sender) as session:
        assert [load(session, each.id).event for each in due] == [
            MessageSent(write(sender, recipient), recipient, LISTING)
        ]
    assert sum(len(read_feed(shard, 0, 10)) for shard in fleet.names("user")) == 1


def test_a_stranger_cannot_read_a_message(pair):
    sender, recipient = pair
    message = write(sender, recipient)
    with read(recipient) as session, pytest.raises(NotFound):
        messaging.sent(session, message)


@pytest.mark.parametrize("body", ["", "  \n ", "x" * 4001, "\u202e"])
def test_an_empty_or_overlong_message_is_refused_and_nothing_is_written(pair, body):
    sender, recipient = pair
    with pytest.raises(Invalid):
        write(sender, recipient, body=body)
    assert write(sender, recipient, body="fine") & 0x3FFFFF == 1


def test_nobody_writes_to_himself(pair):
    with pytest.raises(CannotWriteToYourself):
        write(pair[0], pair[0])


@pytest.mark.sqlite_plans
def test_a_download_reads_the_messages_of_its_owner_alone(pair, fleet):
    sender, recipient = pair
    write(sender, recipient)

    def download() -> list[object]:
        with read(sender) as session:
            return list(messaging.export(session))

    found = plans(fleet.shard(fleet.placement.lookup("user", sender).shard), download)
    assert len(found) == 2
    assert not [plan for plan in found if "SCAN" in plan]
