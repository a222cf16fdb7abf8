"""What the conversation's home decides: the number of each message, and whether an answer to an offer is in time.

Both copies then draw the same conclusions from the same order, so they never disagree about an offer.
"""

from sqlalchemy import ColumnElement, select, update

from shared.messaging.models import Message, Thread
from shared.sharding import OwnerSession

ANSWERS = {"accept": "accepted", "decline": "declined", "withdraw": "withdrawn"}
LATE = "late"


def next_number(thread: Thread) -> int:
    """The number of the next message of a home's thread, which is locked."""
    thread.last += 1
    return thread.last


def decide(session: OwnerSession, thread: Thread, message: Message) -> None:
    """At the home, settle a message that has just got its number: an answer that comes too late is marked so."""
    if message.kind in ANSWERS and not is_open(session, thread, message):
        message.state = LATE
    conclude(session, thread, message)


def is_open(session: OwnerSession, thread: Thread, answer: Message) -> bool:
    """Whether the offer that is answered is still open in this copy, and the one who answers may do so."""
    offer = session.execute(select(Message.mine, Message.state).where(*_offer(thread, answer.offer))).one_or_none()
    by_its_author = answer.kind == "withdraw"
    return offer is not None and offer.state == "open" and (offer.mine == answer.mine) == by_its_author


def conclude(session: OwnerSession, thread: Thread, message: Message) -> None:
    """Have a numbered message take effect on the offers of this copy, as the home decided it."""
    if message.kind == "offer":
        earlier = (Message.mine == message.mine, Message.number < message.number, Message.state == "open")
        _restate(session, thread, "replaced", Message.kind == "offer", *earlier)
    elif message.kind in ANSWERS and message.state != LATE:
        _restate(session, thread, ANSWERS[message.kind], *_offer(thread, message.offer))


def _offer(thread: Thread, number: int | None) -> tuple[ColumnElement[bool], ...]:
    this = (Message.owner == thread.owner, Message.thread == thread.id, Message.number == number)
    return *this, Message.kind == "offer"


def _restate(session: OwnerSession, thread: Thread, state: str, *which: ColumnElement[bool]) -> None:
    here = (Message.owner == session.owner, Message.thread == thread.id)
    session.execute(update(Message).where(*here, *which).values(state=state))
