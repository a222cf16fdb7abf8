"""How the site was used: what happened since a moment, and what there is now."""

from dataclasses import dataclass

from sqlalchemy import bindparam, func, select

from shared.accounts.models import User
from shared.events import EventRow
from shared.listings.models import Listing
from shared.preferences import DAYS_TO_STOP, MailBounce
from shared.sharding import fan_out, tally, total

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
    happened = fan_out(_HAPPENED, {"since": since}, keyspace="user", merge=tally)
    users, listings = (fan_out(each, keyspace="user", merge=tally) for each in (_USERS, _LISTINGS))
    bouncing = fan_out(_BOUNCING, keyspace="user", merge=total)
    return [
        *(Figure(words, happened[type]) for type, words in _EVENTS.items()),
        Figure("open accounts", users["active"]),
        Figure("accounts to be confirmed", users["pending"]),
        Figure("guests with a listing or a draft", users["guest"]),
        Figure("listings on view", listings["published"] + listings["reserved"]),
        Figure("addresses that take no mail", bouncing),
    ]
