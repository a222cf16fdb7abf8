"""Which threads are to be told of by mail, and what such a mail says. The first message of a while goes at once, those
that follow are gathered; what was read meanwhile is not mailed."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select, update

from shared import accounts, clock
from shared.accounts import Contact
from shared.messaging.carrying import GATHER_SECONDS
from shared.messaging.models import WAITING, Message, Thread
from shared.messaging.relay import mint_relay
from shared.sharding import OwnerSession, on_shard, table_of
from shared.sharding.scatter import visible

# A mail that was begun and not finished is tried again after so long.
RETRY_SECONDS = 300
MOST_IN_A_MAIL = 20
_UNTOLD = 200


@dataclass(frozen=True, slots=True)
class Due:
    """A mail about a thread: to whom, and the messages that he was not told of, with how many `more` there are.

    `answer_to` is the relay address, "" when no mail comes in; then `sharing` says whether the other side let its own
    address be used.
    """

    to: Contact
    thread: Thread
    messages: Sequence[Message]
    more: int
    answer_to: str
    sharing: bool


def mails_due(shard: str, limit: int = 200) -> Sequence[int]:
    """Threads of a shard about which a mail is due."""
    with on_shard(shard) as session:
        hidden = visible(session, "user", table_of(Thread))
        due = select(Thread.id).where(Thread.mail_due_at <= clock.now()).order_by(Thread.mail_due_at).limit(limit)
        return session.scalars(due if hidden is None else due.where(hidden)).all()


def claim_mail(session: OwnerSession, thread_id: int) -> Due | None:
    """What to mail about a thread now; None when nothing is due, or another worker has it in hand.

    The claim holds for five minutes: whoever dies meanwhile has the mail tried again, under the same key.
    """
    now = clock.now()
    this = (Thread.owner == session.owner, Thread.id == thread_id)
    claimed = update(Thread).where(*this, Thread.mail_due_at <= now).values(mail_due_at=now + RETRY_SECONDS)
    if not session.execute(claimed).rowcount:  # type: ignore[attr-defined]
        return None
    thread = session.scalars(select(Thread).where(*this)).one()
    untold = _untold(session, thread)
    contact = accounts.contact(session)
    if contact is None or not untold:
        thread.mail_due_at = None
        return None
    first = untold[:MOST_IN_A_MAIL]
    sharing = any(each.share_address for each in first)
    return Due(contact, thread, first, len(untold) - len(first), mint_relay(thread), sharing)


def mark_mailed(session: OwnerSession, due: Due) -> None:
    """Note that the mail is on its way; what came in since is due when its time of gathering is over."""
    now = clock.now()
    this = (Thread.owner == session.owner, Thread.id == due.thread.id)
    thread = session.scalars(select(Thread).where(*this).with_for_update()).one_or_none()
    if thread is None:
        return
    told = due.messages[-1].number if not due.more else due.thread.last
    thread.mailed, thread.mailed_at = max(thread.mailed, told), now
    thread.mail_due_at = now + GATHER_SECONDS if _untold(session, thread) else None


def _untold(session: OwnerSession, thread: Thread) -> Sequence[Message]:
    after = max(thread.mailed, thread.seen, thread.cut)
    here = (Message.owner == thread.owner, Message.thread == thread.id, Message.number > after)
    theirs = (Message.number < WAITING, Message.mine.is_(False), Message.kind != "note")
    untold = select(Message).where(*here, *theirs).order_by(Message.number).limit(_UNTOLD)
    found: Sequence[Message] = session.scalars(untold).all()
    return found
