"""Writing a message, and making the recipient's copy of it."""

import unicodedata

from sqlalchemy import update

from shared import clock
from shared.errors import Invalid
from shared.events import MessageSent, record
from shared.messaging.errors import CannotWriteToYourself
from shared.messaging.models import InboxMessage, SentMessage
from shared.messaging.queries import Sent, already_delivered
from shared.sharding import Family, OwnerSession, next_id

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


def _clean(body: str) -> str:
    lines = body.replace("\r\n", "\n").replace("\r", "\n")
    # Control and bidirectional override characters can disguise what a text says.
    kept = "".join(
        c for c in lines if c == "\n" or unicodedata.category(c) not in ("Cc", "Cs", "Co", "Cn") and c not in _BIDI
    )
    text = kept.strip()
    if len(text) < _BODY_SHORTEST:
        raise Invalid({"body": "Write a few words to the seller."})
    if len(text) > BODY_LONGEST:
        raise Invalid({"body": f"Your message has {len(text):,} characters; at most {BODY_LONGEST:,} are possible."})
    return text


_BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
