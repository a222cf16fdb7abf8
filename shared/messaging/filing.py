"""What somebody does with his own copy of a thread: reading, archiving and deleting it."""

from collections.abc import Sequence

from sqlalchemy import delete, func, select

from shared import accounts, clock
from shared.accounts.models import row_range
from shared.ids import owner_of
from shared.messaging.models import WAITING, Block, Message, Thread
from shared.messaging.queries import thread as own_thread
from shared.sharding import OwnerSession, on_shard, table_of, unit_of_work
from shared.sharding.scatter import visible

# By then every event that may still ask for what was deleted has been handled.
KEEP_DELETED_SECONDS = 7 * 86_400
_Ids = Sequence[int]


def mark_read(session: OwnerSession, thread_id: int, upto: int) -> None:
    """Note that the owner has seen his copy up to this number; no mail tells of that any more. May be called again.

    What came in since, while he was shown the rest, stays unread and is mailed.
    """
    _see(session, own_thread(session, thread_id), upto)


def archive(session: OwnerSession, thread_id: int) -> None:
    """Put a thread out of the way; the next message brings it back."""
    own_thread(session, thread_id).folder = "archive"


def restore(session: OwnerSession, thread_id: int) -> None:
    """Take a thread back from the archive."""
    own_thread(session, thread_id).folder = "inbox"


def delete_copy(session: OwnerSession, thread_id: int) -> None:
    """Delete the owner's copy of all that a thread says so far; the other side keeps its own.

    What is not carried over yet still is, so the rows themselves go a week later, by `purge_deleted`. A message that
    comes in afterwards begins the thread anew.
    """
    thread = own_thread(session, thread_id)
    _see(session, thread, thread.last)
    thread.folder, thread.cut, thread.deleted_at, thread.relay = "trash", thread.last, clock.now(), None


def purge_deleted(shard: str, limit: int = 200) -> int:
    """Delete for good what was deleted a week ago, a transaction for each thread; returns how many. Run until 0."""
    with on_shard(shard) as session:
        hidden = visible(session, "user", table_of(Thread))
        old = select(Thread.id).where(Thread.deleted_at < clock.now() - KEEP_DELETED_SECONDS).limit(limit)
        found: _Ids = session.scalars(old if hidden is None else old.where(hidden)).all()
    for each in found:
        unit_of_work(owner_of(each), lambda session, each=each: _purge(session, each))  # type: ignore[misc]
    return len(found)


def forget_all(session: OwnerSession) -> None:
    """Delete every thread, message and block of the session's owner, for one who is deleted himself."""
    for table in (Message, Thread, Block):
        mine = (table.owner == session.owner, table.id.between(*row_range(session.owner)))
        session.execute(delete(table).where(*mine))


def _see(session: OwnerSession, thread: Thread, upto: int) -> None:
    thread.seen = max(thread.seen, upto)
    unread = _unread(session, thread)
    if unread != thread.unread:
        accounts.count_unread(session, unread - thread.unread)
    thread.unread, thread.news = unread, unread > 0
    if not unread:
        thread.mail_due_at = None


def _unread(session: OwnerSession, thread: Thread) -> int:
    """How many came in after the last one seen. What the site notes of a listing is no news to its seller."""
    if thread.seen >= thread.last:
        return 0
    here = (Message.owner == session.owner, Message.thread == thread.id, Message.number > thread.seen)
    theirs = (Message.number < WAITING, Message.mine.is_(False))
    news = select(func.count()).where(*here, *theirs)
    count: int = session.execute(news.where(Message.kind != "note") if thread.is_home else news).scalar_one()
    return count


def _purge(session: OwnerSession, thread_id: int) -> None:
    thread = session.scalars(
        select(Thread).where(Thread.owner == session.owner, Thread.id == thread_id).with_for_update()
    ).one()
    gone = (Message.owner == session.owner, Message.thread == thread.id, Message.number <= thread.cut)
    session.execute(delete(Message).where(*gone, Message.number < WAITING))
    thread.deleted_at = None
