"""Blocking somebody: neither side gets messages from the other until it is undone."""

from collections.abc import Sequence

from sqlalchemy import delete, select, update

from shared import accounts, clock
from shared.messaging.errors import CannotWriteToYourself
from shared.messaging.models import Block, Thread
from shared.sharding import Family, OwnerSession, next_id


def block(session: OwnerSession, other: int, name: str) -> None:
    """Take no messages from `other`, and send none. His answers by mail bounce. May be called again."""
    if other == session.owner:
        raise CannotWriteToYourself("You cannot block yourself.")
    if not blocks(session, other):
        row = {"owner": session.owner, "blocked": other, "name": name, "created_at": clock.now()}
        session.add(Block(id=next_id(session, Family.BLOCK), **row))
    ours = (Thread.owner == session.owner, Thread.other == other)
    session.execute(update(Thread).where(*ours).values(relay=None, mail_due_at=None))


def unblock(session: OwnerSession, other: int) -> None:
    """Take messages from `other` again. May be called again."""
    session.execute(delete(Block).where(Block.owner == session.owner, Block.blocked == other))


def blocks(session: OwnerSession, other: int) -> bool:
    """Whether the session's owner has blocked `other`."""
    this = select(Block.id).where(Block.owner == session.owner, Block.blocked == other)
    return session.execute(this).first() is not None


def blocked(session: OwnerSession) -> Sequence[Block]:
    """Whom the session's owner has blocked, the latest first."""
    mine = select(Block).where(Block.owner == session.owner).order_by(Block.id.desc())
    found: Sequence[Block] = session.scalars(mine).all()
    return found


def refusal(session: OwnerSession, sender: int) -> str:
    """Why the session's owner takes no message from `sender`: "closed" or "blocked"; "" when he takes it."""
    if accounts.contact(session) is None:
        return "closed"
    return "blocked" if blocks(session, sender) else ""
