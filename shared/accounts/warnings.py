"""Warnings by the staff: kept with the account, so that the next one is not the first again, and mailed."""

from sqlalchemy import select

from shared import clock
from shared.accounts.account import contact
from shared.accounts.models import AccountWarning
from shared.errors import Invalid, NotFound
from shared.events import UserWarned, record
from shared.ids import owner_of
from shared.sharding import Family, OwnerSession, next_id
from shared.text import clean_text

LONGEST = 2000


def warn(session: OwnerSession, words: str, given_by: str, listing: int | None = None) -> int:
    """Have the session's owner told `words`, about one of his listings or about all that he does; returns the warning.

    `given_by` names the member of the staff, for the staff. Raises Invalid without words, NotFound for somebody who has
    no mailbox (any more) and for a listing of somebody else.
    """
    words = clean_text(words)
    if not words or len(words) > LONGEST:
        raise Invalid({"words": f"Write what is wrong and what to do about it, in at most {LONGEST:,} characters"})
    if contact(session) is None or (listing is not None and owner_of(listing) != session.owner):
        raise NotFound("There is nobody to warn.")
    warning = AccountWarning(
        id=next_id(session, Family.WARNING),
        owner=session.owner,
        listing=listing,
        words=words,
        given_by=given_by,
        created_at=clock.now(),
    )
    session.add(warning)
    session.flush()  # the event names it
    record(session, UserWarned(user=session.owner, warning=warning.id))
    return warning.id


def warning(session: OwnerSession, warning_id: int) -> AccountWarning:
    """One warning of the session's owner; NotFound when it is another's or none."""
    found = session.get(AccountWarning, warning_id)
    if found is None:
        raise NotFound("There is no such warning.")
    return found


def warnings(session: OwnerSession) -> list[AccountWarning]:
    """Every warning of the session's owner, newest first."""
    mine = select(AccountWarning).where(AccountWarning.owner == session.owner).order_by(AccountWarning.id.desc())
    return list(session.scalars(mine))
