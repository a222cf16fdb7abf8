"""Reading messages: what was sent, for the one who carries it over, and the recipient's inbox."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from shared import ids
from shared.accounts.models import row_range
from shared.errors import NotFound
from shared.messaging.models import InboxMessage, SentMessage
from shared.sharding import OwnerSession

PAGE = 50


@dataclass(frozen=True, slots=True)
class Sent:
    """A message as its sender wrote it."""

    id: int
    sender: int
    sender_name: str
    recipient: int
    listing: int
    title: str
    body: str
    share_address: bool
    created_at: int


@dataclass(frozen=True, slots=True)
class Received:
    """A message in an inbox."""

    id: int
    sender: int
    sender_name: str
    listing: int
    title: str
    body: str
    created_at: int
    read_at: int | None


def sent(session: OwnerSession, message: int) -> Sent:
    """A message that the session's owner wrote; NotFound otherwise."""
    row = session.execute(
        select(SentMessage).where(SentMessage.owner == session.owner, SentMessage.id == message)
    ).scalar_one_or_none()
    if row is None:
        raise NotFound("There is no such message.")
    return Sent(
        row.id,
        row.owner,
        row.sender_name,
        row.recipient,
        row.listing,
        row.title,
        row.body,
        row.share_address,
        row.created_at,
    )


def already_delivered(session: OwnerSession, sent_id: int) -> bool:
    """Whether the inbox of the session's owner has the copy of this sent message."""
    statement = select(InboxMessage.id).where(InboxMessage.owner == session.owner, InboxMessage.sent == sent_id)
    return session.execute(statement).first() is not None


def received(session: OwnerSession, message: int) -> Received:
    """One message of the owner's inbox; NotFound for a stranger's."""
    row = session.execute(
        select(InboxMessage).where(InboxMessage.owner == session.owner, InboxMessage.id == message)
    ).scalar_one_or_none()
    if row is None:
        raise NotFound("There is no such message.")
    return _received(row)


def inbox(session: OwnerSession, before: tuple[int, int] | None = None, limit: int = PAGE) -> Sequence[Received]:
    """The owner's inbox, newest first; `before` is the (created_at, id) of the last row of the page before."""
    statement = select(InboxMessage).where(InboxMessage.owner == session.owner)
    if before is not None:
        created_at, id = before
        statement = statement.where(
            (InboxMessage.created_at < created_at) | ((InboxMessage.created_at == created_at) & (InboxMessage.id < id))
        )
    rows = session.execute(statement.order_by(InboxMessage.created_at.desc(), InboxMessage.id.desc()).limit(limit))
    return [_received(row) for row in rows.scalars()]


def unread(session: OwnerSession) -> int:
    """How many messages of the inbox wait to be read."""
    unread = select(func.count()).where(InboxMessage.owner == session.owner, InboxMessage.read_at.is_(None))
    return int(session.execute(unread).scalar_one())


def export(session: OwnerSession) -> Iterator[dict[str, Any]]:
    """Everything this room holds of the session's owner, as JSON values, for "download my data"."""
    for table, kind in ((SentMessage, "sent"), (InboxMessage, "received")):
        mine = (table.owner == session.owner, table.id.between(*row_range(session.owner)))
        rows = select(table).where(*mine).order_by(table.id)
        for row in session.scalars(rows, execution_options={"yield_per": PAGE}):
            words = {"listing": ids.public(row.listing), "from": row.sender_name, "title": row.title, "text": row.body}
            yield {"kind": kind, **words, "created_at": row.created_at}


def _received(row: InboxMessage) -> Received:
    return Received(row.id, row.sender, row.sender_name, row.listing, row.title, row.body, row.created_at, row.read_at)
