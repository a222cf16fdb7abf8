"""Reading threads and messages. Rows are given as they are; nobody changes them but this room's verbs."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import and_, bindparam, or_, select

from shared import ids
from shared.accounts.models import row_range
from shared.errors import NotFound
from shared.messaging.models import WAITING, Block, Message, Thread
from shared.messaging.words import said
from shared.sharding import OwnerSession, glance, table_of

PAGE = 50
THREADS_PAGE = 30
FOLDERS = ("inbox", "archive")
_thread = table_of(Thread)
_NEWEST = select(_thread.c.last).where(_thread.c.owner == bindparam("mine"), _thread.c.id == bindparam("thread"))


def thread(session: OwnerSession, thread_id: int) -> Thread:
    """A thread of the session's owner, locked in a writing session; NotFound for a stranger's or a deleted one."""
    this = select(Thread).where(Thread.owner == session.owner, Thread.id == thread_id, Thread.folder != "trash")
    found: Thread | None = session.scalars(this.with_for_update() if session.write else this).one_or_none()
    if found is None:
        raise NotFound("There are no such messages.")
    return found


def find_thread(session: OwnerSession, listing: int, other: int) -> Thread | None:
    """The owner's copy of what is said about a listing with somebody, in whichever folder; locked when writing."""
    this = select(Thread).where(Thread.owner == session.owner, Thread.listing == listing, Thread.other == other)
    found: Thread | None = session.scalars(this.with_for_update() if session.write else this).one_or_none()
    return found


def threads(
    session: OwnerSession, folder: str = "inbox", after: Sequence[int] | None = None, limit: int = THREADS_PAGE
) -> list[Thread]:
    """The owner's threads of a folder, those with news first, then the latest; `after` is the `place` of the last."""
    mine = select(Thread).where(Thread.owner == session.owner, Thread.folder == folder)
    if after is not None:
        news, last_at, id = after
        earlier = or_(Thread.last_at < last_at, and_(Thread.last_at == last_at, Thread.id < id))
        same, without = Thread.news.is_(bool(news)), Thread.news.is_(False)
        mine = mine.where(or_(without, and_(same, earlier)) if news else and_(without, earlier))
    ordered = mine.order_by(Thread.news.desc(), Thread.last_at.desc(), Thread.id.desc())
    return list(session.scalars(ordered.limit(limit)))


def place(thread: Thread) -> tuple[int, int, int]:
    """Where a thread stands in the list."""
    return int(thread.news), thread.last_at, thread.id


def messages(
    session: OwnerSession, thread: Thread, before: Sequence[int] | None = None, limit: int = PAGE
) -> list[Message]:
    """The newest messages of a thread, or those before the one with the (number, id) `before`, in their order.

    What the home has not numbered yet stands last, in the order in which it was written.
    """
    kept = _kept(thread)
    if before is not None:
        number, id = before
        kept = kept.where(or_(Message.number < number, and_(Message.number == number, Message.id < id)))
    return list(session.scalars(kept.order_by(Message.number.desc(), Message.id.desc()).limit(limit)))[::-1]


def newer(session: OwnerSession, thread: Thread, after: int, limit: int = PAGE) -> list[Message]:
    """What came in after the message with the number `after`, in order: for a page that is open already.

    The owner's own messages are not among them; the page that he wrote them on has shown them.
    """
    coming = _kept(thread).where(Message.number > after, Message.number < WAITING, Message.mine.is_(False))
    return list(session.scalars(coming.order_by(Message.number).limit(limit)))


def newest(owner: int, thread_id: int) -> int:
    """The number of the newest message in a thread of `owner`, 0 when he has none such. Cheap: open pages ask often."""
    with glance(owner) as connection:
        return connection.execute(_NEWEST, {"mine": owner, "thread": thread_id}).scalar() or 0


def message(session: OwnerSession, thread: Thread, public_id: int) -> Message:
    """One message of a thread by its public id; NotFound when the thread has none such."""
    id = ids.from_public(public_id) if public_id <= ids.MAX_ID else 0
    found: Message | None = session.scalars(_kept(thread).where(Message.id == id)).one_or_none()
    if found is None:
        raise NotFound("There is no such message.")
    return found


def _kept(thread: Thread) -> Any:
    return select(Message).where(
        Message.owner == thread.owner, Message.thread == thread.id, Message.number > thread.cut
    )


def export(session: OwnerSession) -> Iterator[dict[str, Any]]:
    """Everything this room holds of the session's owner, as JSON values, for "download my data"."""
    mine = row_range(session.owner)
    talks = session.scalars(select(Thread).where(Thread.owner == session.owner, Thread.id.between(*mine)))
    known = {talk.id: talk for talk in talks}
    rows = select(Message).where(Message.owner == session.owner, Message.id.between(*mine)).order_by(Message.id)
    for row in session.scalars(rows, execution_options={"yield_per": PAGE}):
        talk = known[row.thread]
        about = {"listing": ids.public(talk.listing), "title": talk.title, "with": talk.other_name}
        kind = "sent" if row.mine else "received"
        yield {"kind": kind, **about, "text": said(row, talk.other_name), "created_at": row.created_at}
    for each in session.scalars(select(Block).where(Block.owner == session.owner, Block.id.between(*mine))):
        yield {"kind": "block", "name": each.name, "created_at": each.created_at}
