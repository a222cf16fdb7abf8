"""Writing a message, and making the recipient's copy of it."""

from sqlalchemy import delete, update

from shared import clock
from shared.accounts.models import row_range
from shared.errors import Invalid
from shared.events import MessageSent, record
from shared.messaging.errors import CannotWriteToYourself
from shared.messaging.models import InboxMessage, SentMessage
from shared.messaging.queries import Sent, already_delivered
from shared.sharding import Family, OwnerSession, next_id
from shared.text import clean_text

BODY_LONGEST = 4000
_BODY_SHORTEST = 2


def send(
    session: OwnerSession,
    *,
    sender_name: str,
    recipient: int,
    listing: int,
    title: str,
    body: str,
    share_address: bool,
) -> int:
    """Write a message of the session's owner to `recipient` about `listing`; returns its id.

    Raises Invalid for an empty or overlong body, CannotWriteToYourself for one's own listing.
    """
    if recipient == session.owner:
        raise CannotWriteToYourself("This is your own listing.")
    message = SentMessage(
        id=next_id(session, Family.MESSAGE),
        owner=session.owner,
        recipient=recipient,
        sender_name=sender_name,
        listing=listing,
        title=title,
        body=_clean(body),
        share_address=share_address,
        created_at=clock.now(),
    )
    session.add(message)
    record(session, MessageSent(message=message.id, recipient=recipient, listing=listing))
    return message.id


def deliver(session: OwnerSession, message: Sent) -> bool:
    """Make the copy of `message` in the inbox of the session's owner; False when it is there already."""
    if already_delivered(session, message.id):
        return False
    session.add(
        InboxMessage(
            id=next_id(session, Family.INBOX),
            owner=session.owner,
            sent=message.id,
            sender=message.sender,
            sender_name=message.sender_name,
            listing=message.listing,
            title=message.title,
            body=message.body,
            created_at=message.created_at,
        )
    )
    return True


def mark_read(session: OwnerSession, message: int) -> None:
    """Mark a received message as read; the first time counts."""
    session.execute(
        update(InboxMessage)
        .where(InboxMessage.owner == session.owner, InboxMessage.id == message, InboxMessage.read_at.is_(None))
        .values(read_at=clock.now())
    )


def forget_all(session: OwnerSession) -> None:
    """Delete every message that the session's owner wrote or got, for one who is deleted himself."""
    for table in (SentMessage, InboxMessage):
        mine = (table.owner == session.owner, table.id.between(*row_range(session.owner)))
        session.execute(delete(table).where(*mine))


def _clean(body: str) -> str:
    text = clean_text(body)
    if len(text) < _BODY_SHORTEST:
        raise Invalid({"body": "Write a few words to the seller."})
    if len(text) > BODY_LONGEST:
        raise Invalid({"body": f"Your message has {len(text):,} characters; at most {BODY_LONGEST:,} are possible."})
    return text
