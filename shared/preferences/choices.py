"""Which kinds of mail somebody wants."""

from collections.abc import Collection, Iterator
from enum import StrEnum
from typing import Any

from sqlalchemy import bindparam, delete, select

from shared import clock
from shared.preferences.models import MailBounce, MailChoice
from shared.sharding import OwnerSession


class Kind(StrEnum):
    """A kind of mail that one can do without. Whatever has no kind is part of something asked for and always sent."""

    MESSAGES = "messages"
    ALERTS = "alerts"
    PRICE_DROPS = "price-drops"
    EXPIRY = "expiry"
    NEWS = "news"


# Advertising takes consent; the others come from something that their reader did.
OPT_IN = frozenset({Kind.NEWS})
_MINE = select(MailChoice).where(MailChoice.owner == bindparam("mine"))


def choices(session: OwnerSession) -> dict[Kind, bool]:
    """What the session's owner wants, every kind in order; defaults where he decided nothing."""
    decided = {row.kind: row.wanted for row in session.scalars(_MINE, {"mine": session.owner})}
    return {kind: decided.get(kind, kind not in OPT_IN) for kind in Kind}


def choose(session: OwnerSession, kind: Kind, wanted: bool) -> None:
    """Note what the session's owner decided, with the time of his consent. Deciding the same again changes nothing."""
    row = session.get(MailChoice, (session.owner, str(kind)))
    if row is None:
        session.add(MailChoice(owner=session.owner, kind=str(kind), wanted=wanted, decided_at=clock.now()))
    elif row.wanted != wanted:
        row.wanted, row.decided_at = wanted, clock.now()


def choose_all(session: OwnerSession, wanted: Collection[Kind]) -> None:
    """Note that the session's owner wants these kinds and no others; what he leaves as it is keeps its date."""
    for kind, before in choices(session).items():
        if (kind in wanted) != before:
            choose(session, kind, kind in wanted)


def export(session: OwnerSession) -> Iterator[dict[str, Any]]:
    """What this room holds of the session's owner, for "download my data"."""
    for row in session.scalars(_MINE, {"mine": session.owner}):
        yield {"kind": "mail choice", "of": row.kind, "wanted": row.wanted, "decided_at": row.decided_at}
    if (bounce := session.get(MailBounce, session.owner)) is not None:
        yield {"kind": "mail that came back", "days": bounce.days, "last_at": bounce.last_at}


def forget(session: OwnerSession) -> None:
    """Delete what this room holds of the session's owner, who is forgotten."""
    for table in (MailChoice, MailBounce):
        session.execute(delete(table).where(table.owner == session.owner))
