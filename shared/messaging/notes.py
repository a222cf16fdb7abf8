"""Notes that the site itself writes into threads: what became of the listing that they are about."""

from functools import partial

from sqlalchemy import select

from shared import clock
from shared.events import ConversationAdvanced, record
from shared.messaging import numbering
from shared.messaging.models import Message, Thread
from shared.messaging.writing import new_message
from shared.sharding import Family, OwnerSession, next_id, unit_of_work

_AT_ONCE = 100


def note_end(seller: int, listing: int, reason: str, event: int) -> None:
    """Write into every thread about a listing of `seller` how it ended (one of `words.NOTES`), once for each event."""
    after: int | None = -1
    while after is not None:
        after = unit_of_work(seller, partial(_note_some, listing=listing, reason=reason, event=event, after=after))


def _note_some(session: OwnerSession, listing: int, reason: str, event: int, after: int) -> int | None:
    """The next threads by their other side; returns the last of them, None when there are no more."""
    about = (Thread.owner == session.owner, Thread.listing == listing, Thread.other > after)
    some = select(Thread).where(*about).order_by(Thread.other).limit(_AT_ONCE).with_for_update()
    threads = session.scalars(some).all()
    for thread in threads:
        _note(session, thread, reason, event)
    return threads[-1].other if len(threads) == _AT_ONCE else None


def _note(session: OwnerSession, thread: Thread, reason: str, event: int) -> None:
    """The seller knows what became of his listing: for him the note is no news."""
    same = (Message.owner == session.owner, Message.thread == thread.id, Message.source == -event)
    if session.execute(select(Message.id).where(*same)).first() is not None:
        return
    id, number = next_id(session, Family.MESSAGE), numbering.next_number(thread)
    content = {"kind": "note", "body": reason, "source": -event, "created_at": clock.now()}
    session.add(new_message(thread, id, number=number, mine=False, **content))
    record(session, ConversationAdvanced(thread=thread.id, other=thread.other, number=number))
