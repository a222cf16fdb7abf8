"""Favourites that cost less than when they were saved, or than their friends were last told.

What is compared is the price as it stands, so it does not matter in how many steps it fell, nor in which order the news
of them come. Whoever keeps an eye on a listing may live on any shard: an index there leads from the listing to them.
"""

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from shared import clock
from shared.alerts.calendar import lower_price
from shared.alerts.models import PriceDrop
from shared.listings import SearchDocument
from shared.listings.models import Favourite
from shared.sharding import bulk, by_shard, concatenate, fan_out, rerun

# A price has to fall by this much to be news.
PERCENT = 5
_AT_ONCE = 500
_WATCHING = (
    Favourite.listing == bindparam("listing"),
    Favourite.price_currency == bindparam("currency"),
    Favourite.price_amount * (100 - PERCENT) >= bindparam("amount") * 100,
)
_OWNERS = select(Favourite.owner).where(*_WATCHING).order_by(Favourite.owner)
_ROWS = select(Favourite).where(Favourite.owner.in_(bindparam("owners", expanding=True)), *_WATCHING).with_for_update()


class _Price(NamedTuple):
    """What a listing costs, in minor units."""

    listing: int
    currency: str
    amount: int


def is_news(before: int, amount: int) -> bool:
    """Whether a price fell far enough to be told of."""
    return before * (100 - PERCENT) >= amount * 100


def note_price(listing: SearchDocument) -> int:
    """Record for everybody else who keeps an eye on a listing on view that it costs less now; returns for how many.

    Only amounts of one currency are compared. May be called again.
    """
    if listing.price_amount is None or listing.price_currency is None:
        return 0
    price = _Price(listing.id, listing.price_currency, listing.price_amount)
    found = fan_out(_OWNERS, price._asdict(), keyspace="user", merge=concatenate)
    owners = sorted({row.owner for row in found} - {listing.owner})
    turns = (owners[at : at + _AT_ONCE] for at in range(0, len(owners), _AT_ONCE))
    return sum(rerun(partial(_note_some, price, some)) for some in turns)


def _note_some(price: _Price, owners: Sequence[int]) -> int:
    noted = 0
    for shard, some in by_shard("user", owners).items():
        with bulk(shard, "user", some) as session:
            noted += _note(session, price, some)
    return noted


def _note(session: Session, price: _Price, owners: Sequence[int]) -> int:
    rows = session.scalars(_ROWS, {**price._asdict(), "owners": owners}).all()
    now = clock.now()
    for row in rows:
        drop = PriceDrop(
            owner=row.owner,
            listing=row.listing,
            amount=price.amount,
            before=row.price_amount,
            currency=row.price_currency,
            at=now,
            due_at=lower_price(now),
            batch=None,
        )
        # It may have cost as much before, when it was saved for the first time.
        session.merge(drop)
        row.price_amount = price.amount
    return len(rows)
