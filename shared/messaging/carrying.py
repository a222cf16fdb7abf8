"""Carrying messages between the two copies of a thread, each on its owner's shard.

The seller's copy is the home. What the other side writes waits in its own copy until the home has taken it, in the
order in which it was written, and numbered it; every copy then follows the home's numbers. Both steps move everything
that is missing, from a mark that is kept in the same transaction, so an event that comes twice finds nothing to do and
one that comes early brings its predecessors along.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeVar

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from shared import accounts, clock
from shared.events import ConversationAdvanced, MessageReceived, record
from shared.ids import owner_of
from shared.messaging import numbering
from shared.messaging.blocking import refusal
from shared.messaging.models import WAITING, Message, Thread
from shared.messaging.queries import find_thread
from shared.messaging.writing import new_message, open_thread
from shared.sharding import Family, OwnerSession, next_id, read, unit_of_work

T = TypeVar("T")
# The first message of a while is mailed at once, those that follow are gathered for so long.
GATHER_SECONDS = 600
_REFUSED = ("blocked", "closed")
_AT_ONCE = 200


def deliver(sender: int, message: int) -> None:
    """Bring a message that `sender` wrote, and all before it, to the other side, or mark it as not taken there.

    May run any number of times, and for several messages at once. A message that is gone is none to deliver.
    """
    with read(sender) as session:
        row = session.scalars(select(Message).where(Message.owner == sender, Message.id == message)).one_or_none()
        thread = session.get(Thread, row.thread) if row else None
    if thread is None:
        return
    if thread.is_home:
        bring_up_to_date(thread.owner, thread.id)
    else:
        _hand_in(thread)


def bring_up_to_date(home: int, thread_id: int) -> None:
    """Have the other side's copy follow all that the home of a thread has numbered. May run any number of times."""
    with read(home) as session:
        thread = session.get(Thread, thread_id)
        name = _name(session)
    if thread is None:
        return
    with read(thread.other) as session:
        copy = find_thread(session, thread.listing, home)
        done = copy.last if copy else 0
        reason = refusal(session, home)
    if reason:
        unit_of_work(home, lambda session: _refuse(session, thread, reason, after=done))
    while reason != "closed" and (fresh := _numbered(thread, done)):
        done = _again_if_crossed(thread.other, partial(_follow, theirs=thread, name=name, fresh=fresh))


def _hand_in(thread: Thread) -> None:
    """Give the home what waits in the other side's copy."""
    with read(thread.owner) as session:
        here = (Message.owner == thread.owner, Message.thread == thread.id)
        waiting = select(Message).where(*here, Message.number >= WAITING)
        rows = session.scalars(waiting.order_by(Message.number)).all()
        name = _name(session)
    if not rows:
        return
    if reason := _again_if_crossed(thread.home, partial(_take, theirs=thread, name=name, waiting=rows)):
        unit_of_work(thread.owner, lambda session: _give_up(session, thread, reason, rows[-1].id))


def _take(session: OwnerSession, theirs: Thread, name: str, waiting: Sequence[Message]) -> str:
    """At the home: number what was not taken before, in its order; returns why nothing is taken from the other side."""
    if reason := refusal(session, theirs.owner):
        return reason
    thread = _same_thread(session, theirs, name)
    fresh = [each for each in waiting if each.source > thread.taken]
    for each in fresh:
        row = _copy(session, thread, each, numbering.next_number(thread))
        numbering.decide(session, thread, row)
        thread.taken = each.source
        _receive(session, thread, row)
    if fresh:
        record(session, ConversationAdvanced(thread=thread.id, other=thread.other, number=thread.last))
    return ""


def _follow(session: OwnerSession, theirs: Thread, name: str, fresh: Sequence[Message]) -> int:
    """In the other side's copy: apply what comes next in the home's numbers; returns the last one applied."""
    thread = _same_thread(session, theirs, name)
    for each in fresh:
        if each.number <= thread.last:
            continue
        thread.last = each.number
        if each.state not in _REFUSED:
            _apply(session, thread, each)
    return thread.last


def _apply(session: OwnerSession, thread: Thread, theirs: Message) -> None:
    if owner_of(theirs.source) != session.owner:
        row = _copy(session, thread, theirs, theirs.number)
        numbering.conclude(session, thread, row)
        _receive(session, thread, row)
        return
    own = (Message.owner == session.owner, Message.thread == thread.id, Message.source == theirs.source)
    row = session.scalars(select(Message).where(*own)).one_or_none()
    if row is not None:
        row.number, row.state = theirs.number, theirs.state
        numbering.conclude(session, thread, row)


def _copy(session: OwnerSession, thread: Thread, theirs: Message, number: int) -> Message:
    content = {name: getattr(theirs, name) for name in ("kind", "body", "amount", "currency", "offer", "state")}
    origin = {name: getattr(theirs, name) for name in ("share_address", "source", "created_at")}
    id = next_id(session, Family.MESSAGE)
    row = new_message(thread, id, number=number, mine=False, **content, **origin)
    session.add(row)
    return row


def _receive(session: OwnerSession, thread: Thread, row: Message) -> None:
    """Note that something has come in: the thread has news, and unless it is a mere note, a mail is due."""
    now = clock.now()
    thread.folder, thread.last_at = "inbox", now
    thread.unread, thread.news = thread.unread + 1, True
    accounts.count_unread(session, 1)
    if row.kind == "note":
        return
    if thread.mail_due_at is None:
        thread.mail_due_at = max(now, thread.mailed_at + GATHER_SECONDS)
    record(session, MessageReceived(message=row.id, thread=thread.id, sender=thread.other, listing=thread.listing))


def _refuse(session: OwnerSession, thread: Thread, reason: str, after: int) -> None:
    """At the home: mark what it wrote beyond the number `after` as not taken by the other side, which skips it."""
    here = (Message.owner == session.owner, Message.thread == thread.id, Message.number > after)
    mine = (Message.mine.is_(True), Message.state.not_in(_REFUSED))
    session.execute(update(Message).where(*here, *mine).values(state=reason))


def _give_up(session: OwnerSession, thread: Thread, reason: str, upto: int) -> None:
    """In the other copy: mark what waits, up to this id, as not taken by the home, and leave it where it stands now."""
    this = (Thread.owner == session.owner, Thread.id == thread.id)
    last = session.execute(select(Thread.last).where(*this).with_for_update()).scalar_one()
    here = (Message.owner == session.owner, Message.thread == thread.id, Message.number >= WAITING)
    session.execute(update(Message).where(*here, Message.id <= upto).values(state=reason, number=last))


def _numbered(thread: Thread, after: int) -> Sequence[Message]:
    with read(thread.owner) as session:
        here = (Message.owner == thread.owner, Message.thread == thread.id, Message.number > after)
        next_ones = select(Message).where(*here).order_by(Message.number).limit(_AT_ONCE)
        found: Sequence[Message] = session.scalars(next_ones).all()
        return found


def _same_thread(session: OwnerSession, theirs: Thread, name: str) -> Thread:
    thread = open_thread(session, listing=theirs.listing, other=theirs.owner, other_name=name, title=theirs.title)
    if name:
        thread.other_name = name
    return thread


def _name(session: OwnerSession) -> str:
    known = accounts.contact(session)
    return known.name if known else ""


def _again_if_crossed(owner: int, work: Callable[[OwnerSession], T]) -> T:
    """A unit of work that runs again when somebody else began the same thread in the same moment."""
    try:
        return unit_of_work(owner, work)
    except IntegrityError:
        return unit_of_work(owner, work)
