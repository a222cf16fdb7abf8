"""What follows a message: the copy in the recipient's inbox, then the mail that tells of it."""

from jobs import mailing
from jobs.consumers import consumer
from shared import accounts, ids, messaging
from shared.events import MessageSent, Recorded
from shared.queues import MAIL
from shared.sharding import read, unit_of_work


@consumer(MessageSent)
def deliver_message(recorded: Recorded) -> None:
    """Carry the message to the recipient's shard; a unique row there makes a second delivery harmless."""
    event = recorded.event
    assert isinstance(event, MessageSent)
    with read(recorded.owner) as session:
        message = messaging.sent(session, event.message)
    unit_of_work(event.recipient, lambda session: messaging.deliver(session, message))


@consumer(MessageSent, queue=MAIL)
def mail_message(recorded: Recorded) -> None:
    """Mail the message to its recipient. The sender's address goes along only when he said so."""
    event = recorded.event
    assert isinstance(event, MessageSent)
    with read(recorded.owner) as session:
        message = messaging.sent(session, event.message)
        sender = accounts.contact(session)
    with read(event.recipient) as session:
        recipient = accounts.contact(session)
    if recipient is None:
        return
    answer_by_mail = message.share_address and sender is not None
    has_account = recipient.state == "active"
    mailing.send(
        recipient.email,
        "messages/received",
        key=f"mail_message-{recorded.id}",
        headers={"Reply-To": sender.email} if answer_by_mail and sender else {},
        sender_name=message.sender_name,
        title=message.title,
        body=message.body,
        answer_by_mail=answer_by_mail,
        account=has_account,
        link=mailing.link("/account/messages" if has_account else f"/l/{ids.public(message.listing)}"),
    )
