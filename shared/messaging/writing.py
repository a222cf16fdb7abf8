"""Writing in a thread, on the writer's own shard; `carrying` brings it to the other side."""

from typing import Any

from shared import clock
from shared.errors import Conflict, Invalid
from shared.events import MessageSent, record
from shared.ids import MAX_SEQUENCE
from shared.messaging import numbering
from shared.messaging.blocking import blocks
from shared.messaging.errors import CannotWriteToYourself, NotTaken, OfferOver
from shared.messaging.models import WAITING, Message, Thread
from shared.messaging.queries import find_thread
from shared.messaging.words import not_taken
from shared.money import MAX_AMOUNT
from shared.money import currency as unit
from shared.sharding import Family, OwnerSession, next_id
from shared.text import clean_text

BODY_LONGEST = 4000
_BODY_SHORTEST = 2


def open_thread(session: OwnerSession, *, listing: int, other: int, other_name: str, title: str) -> Thread:
    """The thread of the session's owner and `other` about a listing of one of them, locked; begun if there is none.

    `title` is the listing's at that time. Raises CannotWriteToYourself.
    """
    if other == session.owner:
        raise CannotWriteToYourself("This is your own listing.")
    found = find_thread(session, listing, other)
    if found is None:
        found = Thread(
            id=next_id(session, Family.THREAD),
            owner=session.owner,
            other=other,
            other_name=other_name,
            listing=listing,
            title=title,
            last_at=clock.now(),
        )
        session.add(found)
        session.flush()  # the unique index decides between two that begin it at once; and defaults are set
    return found


def send(session: OwnerSession, thread: Thread, body: str, *, share_address: bool = False) -> int:
    """Write a text in a locked thread; returns its id. `share_address` lets the other side answer to one's own address.

    Raises Invalid for an empty or overlong body, NotTaken when its author has blocked the other side.
    """
    return _write(session, thread, kind="text", body=_clean(body), share_address=share_address)


def offer(session: OwnerSession, thread: Thread, amount: int, currency: str) -> int:
    """Offer an amount in minor units of `currency`; an earlier open offer of the same side is replaced. Binds nobody.

    Raises Invalid for an amount that is none, NotTaken as `send` does.
    """
    if not 0 < amount <= MAX_AMOUNT:
        raise Invalid({"amount": "Offer an amount above zero."})
    return _write(session, thread, kind="offer", amount=amount, currency=unit(currency).code, state="open")


def answer(session: OwnerSession, thread: Thread, offered: Message, verb: str) -> int:
    """Accept or decline an offer of the other side, or withdraw one's own. `verb` is one of ANSWERS.

    Raises OfferOver when the offer is known to be over. What crosses another answer on its way is decided at the home:
    the first one counts, the other is marked as late.
    """
    if verb not in numbering.ANSWERS or (verb == "withdraw") != offered.mine:
        raise Conflict("This offer cannot be answered so.")
    if offered.kind != "offer" or offered.state != "open" or offered.number >= WAITING:
        raise OfferOver("This offer is over. Read what was written since.")
    amount = {"amount": offered.amount, "currency": offered.currency}
    return _write(session, thread, kind=verb, offer=offered.number, **amount)


def _write(session: OwnerSession, thread: Thread, kind: str, **content: Any) -> int:
    if blocks(session, thread.other):
        raise NotTaken(not_taken("blocking", thread.other_name))
    id = next_id(session, Family.MESSAGE)
    number = numbering.next_number(thread) if thread.is_home else WAITING + (id & MAX_SEQUENCE)
    row = new_message(thread, id, number=number, mine=True, kind=kind, source=id, created_at=clock.now(), **content)
    session.add(row)
    if thread.is_home:
        numbering.decide(session, thread, row)
    thread.folder, thread.last_at = "inbox", row.created_at
    record(session, MessageSent(message=id, recipient=thread.other, listing=thread.listing))
    return id


def new_message(thread: Thread, id: int, **values: Any) -> Message:
    """A message row of a thread, with what was not said left empty."""
    empty = {"body": "", "amount": None, "currency": None, "offer": None, "state": "", "share_address": False}
    return Message(id=id, owner=thread.owner, thread=thread.id, **{**empty, **values})


def _clean(body: str) -> str:
    text = clean_text(body)
    if len(text) < _BODY_SHORTEST:
        raise Invalid({"body": "Write a few words."})
    if len(text) > BODY_LONGEST:
        raise Invalid({"body": f"Your message has {len(text):,} characters; at most {BODY_LONGEST:,} are possible."})
    return text
