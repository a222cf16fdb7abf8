"""Making a complaint, and forgetting it in its time."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import select

from shared import clock, ids
from shared.accounts import parse_address
from shared.accounts.models import row_range
from shared.complaints.models import Complaint
from shared.errors import Conflict, Invalid
from shared.events import ComplaintMade, record
from shared.sharding import Family, OwnerSession, next_id, table_of
from shared.sharding.forgetting import AT_ONCE, forget
from shared.text import clean_text

REASONS = {
    "fraud": "It looks like fraud: money in advance, a false promise, somebody else's goods",
    "forbidden": "It is forbidden or dangerous",
    "offensive": "It insults or threatens",
    "spam": "It is advertising, or the same again and again",
    "misplaced": "It is in the wrong place or category, or no longer there",
    "other": "Something else",
}
WORDS_LONGEST, _QUOTE_LONGEST = 2000, 8000
KEEP_SECONDS = 365 * 86_400


def complain(
    session: OwnerSession,
    *,
    subject: str,
    listing: int,
    reason: str,
    words: str = "",
    quote: str = "",
    thread: int | None = None,
    message: int | None = None,
    reporter: int | None = None,
    email: str = "",
) -> int:
    """Record a complaint about the session's owner; returns its id. `subject`: listing, thread or message.

    Raises Invalid, and Conflict for one who complains about himself.
    """
    if reporter == session.owner:
        raise Conflict("This is your own.")
    words = clean_text(words)
    _check(reason, words)
    row = Complaint(
        id=next_id(session, Family.COMPLAINT),
        owner=session.owner,
        subject=subject,
        listing=listing,
        thread=thread,
        message=message,
        reporter=reporter,
        email=parse_address(email) if email else "",
        reason=reason,
        words=words,
        quote=clean_text(quote)[:_QUOTE_LONGEST],
        state="open",
        created_at=clock.now(),
    )
    session.add(row)
    record(session, ComplaintMade(complaint=row.id, about=session.owner, listing=listing, subject=subject))
    return row.id


def export(session: OwnerSession) -> Iterator[dict[str, Any]]:
    """The complaints about the session's owner, for "download my data": not who made them, nor in which words."""
    mine = (Complaint.owner == session.owner, Complaint.id.between(*row_range(session.owner)))
    for row in session.scalars(select(Complaint).where(*mine).order_by(Complaint.id)):
        about = {"subject": row.subject, "listing": ids.public(row.listing), "reason": row.reason}
        yield {"kind": "complaint about you", **about, "state": row.state, "created_at": row.created_at}


def forget_old(shard: str, limit: int = AT_ONCE) -> int:
    """Delete complaints a year old; returns how many. Run until 0."""
    table = table_of(Complaint)
    return forget(shard, table, table.c.created_at < clock.now() - KEEP_SECONDS, limit)


def _check(reason: str, words: str) -> None:
    if reason not in REASONS:
        raise Invalid({"reason": "Choose what is wrong."})
    if len(words) > WORDS_LONGEST:
        raise Invalid({"words": f"Shorten this to {WORDS_LONGEST:,} characters; it has {len(words):,}."})
    if reason == "other" and not words:
        raise Invalid({"words": "Say in a few words what is wrong."})
