"""Sequence numbers inside an owner: one counter for each family of rows, on the owner's home shard."""

from collections.abc import Mapping
from enum import IntEnum

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from shared import ids
from shared.errors import MarketError
from shared.sharding.base import table_of
from shared.sharding.models import OwnerSequence
from shared.sharding.session import OwnerSession

_MINE = (OwnerSequence.owner == bindparam("mine"), OwnerSequence.family == bindparam("of"))
_table = table_of(OwnerSequence)
_ADVANCE = update(_table).where(*_MINE).values(next=_table.c.next + bindparam("count"))
_READ = select(_table.c.next).where(*_MINE)
_FIRST = insert(_table)
_MANY = select(_table.c.owner, _table.c.next).where(
    _table.c.owner.in_(bindparam("owners", expanding=True)), _table.c.family == bindparam("of")
)
_SET = (
    update(_table)
    .where(_table.c.owner == bindparam("mine"), _table.c.family == bindparam("of"))
    .values(next=bindparam("upcoming"))
)


class Family(IntEnum):
    """Families have counters of their own, so that a chatty one cannot use up another's 4,194,303 numbers."""

    EVENT = 1
    SESSION = 2
    LINK = 3
    LISTING = 4
    PHOTO = 5
    MESSAGE = 6
    FAVOURITE = 7
    SAVED_SEARCH = 8
    API_KEY = 9
    THREAD = 10
    WARNING = 11
    BLOCK = 12
    COMPLAINT = 13
    WEBHOOK_ENDPOINT = 14
    WEBHOOK_DELIVERY = 15


class SequenceExhausted(MarketError):
    """An owner has used every number of a family."""

    code = "sequence_exhausted"


def next_ids(session: OwnerSession, family: Family, count: int = 1) -> range:
    """`count` fresh consecutive ids of the session's owner, gone for good even if the caller drops them.

    Taken inside the caller's transaction: the row lock makes the numbers gap-free in commit order.
    """
    mine = {"mine": session.owner, "of": int(family)}
    if session.execute(_ADVANCE, {**mine, "count": count}).rowcount:  # type: ignore[attr-defined]
        upto = session.execute(_READ, mine).scalar_one()
    else:
        upto = count + 1
        session.execute(_FIRST, {"owner": session.owner, "family": int(family), "next": upto})
    if upto - 1 > ids.MAX_SEQUENCE:
        raise SequenceExhausted(f"owner {session.owner} has no {family.name.lower()} numbers left")
    return range(ids.compose(session.owner, upto - count), ids.compose(session.owner, upto - 1) + 1)


def next_id(session: OwnerSession, family: Family) -> int:
    """A fresh id of the session's owner."""
    return next_ids(session, family)[0]


def take_many(session: Session, family: Family, counts: Mapping[int, int]) -> dict[int, range]:
    """Fresh consecutive ids for many owners of one shard, in a `bulk` transaction that holds their guards."""
    owners = list(counts)
    known: dict[int, int] = {}
    for at in range(0, len(owners), 500):
        found = session.execute(_MANY, {"owners": owners[at : at + 500], "of": int(family)})
        known |= dict(found.all())
    taken = {owner: range(known.get(owner, 1), known.get(owner, 1) + counts[owner]) for owner in owners}
    if over := next((owner for owner in owners if taken[owner].stop - 1 > ids.MAX_SEQUENCE), None):
        raise SequenceExhausted(f"owner {over} has no {family.name.lower()} numbers left")
    rows = [{"owner": owner, "family": int(family), "next": taken[owner].stop} for owner in owners]
    connection = session.connection()
    if changed := [row for row in rows if row["owner"] in known]:
        connection.execute(
            _SET, [{"mine": row["owner"], "of": row["family"], "upcoming": row["next"]} for row in changed]
        )
    if new := [row for row in rows if row["owner"] not in known]:
        connection.execute(_FIRST, new)
    return {
        owner: range(ids.compose(owner, each.start), ids.compose(owner, each.stop - 1) + 1)
        for owner, each in taken.items()
    }
