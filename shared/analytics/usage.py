"""How the site was used: what happened since a moment, and what there is now."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, func, select

from shared.accounts.models import User
from shared.events import EventRow
from shared.listings.models import Listing
from shared.preferences import DAYS_TO_STOP, MailBounce
from shared.sharding import fan_out

# Events are kept for 30 days: longer ago there is nothing to count.
_HAPPENED = select(EventRow.type, func.count()).where(EventRow.at >= bindparam("since")).group_by(EventRow.type)
_USERS = select(User.state, func.count()).group_by(User.state)
_LISTINGS = select(Listing.state, func.count()).group_by(Listing.state)
_BOUNCING = select(func.count()).select_from(MailBounce).where(MailBounce.days >= DAYS_TO_STOP)
_EVENTS = {
    "NewUserSignup": "sign-ups",
    "AddressConfirmed": "addresses confirmed",
    "NewListingCreated": "listings published",
    "ListingSold": "listings sold",
    "MessageSent": "messages",
    "ComplaintMade": "complaints",
    "UserWarned": "warnings by staff",
    "AccountClosed": "accounts closed",
}


@dataclass(frozen=True, slots=True)
class Figure:
    """A count and what it counts."""

    words: str
    amount: int


def usage(since: int) -> list[Figure]:
    """What happened since `since` (UTC seconds, at most 30 days ago) and what there is now, over all shards.

    Counts come from one index range or one covering index in each shard; each shard's are of its own moment.
    """
    happened = _count(_HAPPENED, {"since": since})
    users, listings = _count(_USERS), _count(_LISTINGS)
    bouncing = fan_out(_BOUNCING, keyspace="user", merge=lambda parts: sum(rows[0][0] for rows in parts))
    return [
        *(Figure(words, happened[type]) for type, words in _EVENTS.items()),
        Figure("open accounts", users["active"]),
        Figure("accounts to be confirmed", users["pending"]),
        Figure("guests with a listing or a draft", users["guest"]),
        Figure("listings on view", listings["published"] + listings["reserved"]),
        Figure("addresses that take no mail", bouncing),
    ]


def _count(statement: Any, parameters: dict[str, int] | None = None) -> Counter[str]:
    return fan_out(statement, parameters, keyspace="user", merge=_added)


def _added(parts: Sequence[Sequence[Any]]) -> Counter[str]:
    total: Counter[str] = Counter()
    for rows in parts:
        for name, amount in rows:
            total[name] += amount
    return total
