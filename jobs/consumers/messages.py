"""What follows a message: the other side's copy, then the mail that tells of it; and notes about a listing's end."""

from jobs import message_mails
from jobs.consumers import consumer
from shared import messaging
from shared.events import (
    ConversationAdvanced,
    ListingRemoved,
    ListingSold,
    MessageReceived,
    MessageSent,
    Recorded,
)
from shared.queues import MAIL


@consumer(MessageSent)
def deliver_message(recorded: Recorded) -> None:
    """Carry what was written to the conversation's home, and from there to the other side."""
    event = recorded.event
    assert isinstance(event, MessageSent)
    messaging.deliver(recorded.owner, event.message)


@consumer(ConversationAdvanced)
def follow_conversation(recorded: Recorded) -> None:
    """Have the copy of the other side follow what the home has numbered."""
    event = recorded.event
    assert isinstance(event, ConversationAdvanced)
    messaging.bring_up_to_date(recorded.owner, event.thread)


@consumer(MessageReceived, queue=MAIL)
def mail_message(recorded: Recorded) -> None:
    """Tell the recipient by mail, if none has told him of this thread just now; `mail_gathered` does it then."""
    event = recorded.event
    assert isinstance(event, MessageReceived)
    message_mails.mail(event.thread)


@consumer(ListingSold, ListingRemoved)
def note_end_of_listing(recorded: Recorded) -> None:
    """Write into the threads about a listing what became of it."""
    event = recorded.event
    assert isinstance(event, ListingSold | ListingRemoved)
    reason = event.reason if isinstance(event, ListingRemoved) else "sold"
    messaging.note_end(recorded.owner, event.listing, reason, recorded.id)
