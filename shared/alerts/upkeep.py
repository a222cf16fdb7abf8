"""What keeps the room in order: keys after the words of the search changed, and rows whose time is over."""

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select

from shared import clock
from shared.alerts.models import PriceDrop, SavedSearch, SearchMatch
from shared.alerts.saving import rekey, remove, search_of
from shared.errors import Invalid, NotFound
from shared.ids import owner_of
from shared.sharding import OwnerSession, on_shard, read, table_of, unit_of_work
from shared.sharding.forgetting import forget
from shared.sharding.scatter import visible

if TYPE_CHECKING:
    from shared.alerts.keys import KeyMaker

_DAY = 86_400
UNCONFIRMED_SECONDS = 7 * _DAY
# A listing that comes back after so long is news once more.
MATCH_SECONDS = 180 * _DAY
DROP_SECONDS = 30 * _DAY
# Two ranges of the index, where "other than" would be none.
_STALE = tuple(
    select(SavedSearch.id)
    .where(other, SavedSearch.id > bindparam("after"))
    .order_by(SavedSearch.id)
    .limit(bindparam("limit"))
    for other in (SavedSearch.analysis < bindparam("analysis"), SavedSearch.analysis > bindparam("analysis"))
)
_UNCONFIRMED = (
    select(SavedSearch.id)
    .where(SavedSearch.state == "unconfirmed", SavedSearch.created_at < bindparam("before"))
    .limit(bindparam("limit"))
)


def renew_keys(shard: str, maker: "KeyMaker", limit: int = 500) -> int:
    """Make the keys anew of the searches of a shard whose keys were made with other words; returns of how many.

    May run beside itself. A question that has lost its meaning keeps its keys, and matches nothing.
    """
    return sum(_renew(each, maker) for each in _stale(shard, maker.analysis, limit))


def _stale(shard: str, analysis: str, limit: int) -> Iterator[int]:
    for statement in _STALE:
        after = 0
        while some := _ids(shard, statement, {"analysis": analysis, "after": after, "limit": limit}):
            yield from some
            after = some[-1]


def _renew(search_id: int, maker: "KeyMaker") -> bool:
    owner = owner_of(search_id)
    try:
        with read(owner) as session:
            # It never changes, so the keys can be made outside of the transaction that writes them.
            keys = maker.keys(search_of(session, search_id).request)
        unit_of_work(owner, lambda session: rekey(session, search_of(session, search_id), keys))
    except (NotFound, Invalid):
        return False
    return True


def forget_unconfirmed(shard: str, limit: int = 500) -> int:
    """Delete searches of guests who did not confirm them for a week, with the guests; returns how many. Run until 0."""
    before = clock.now() - UNCONFIRMED_SECONDS
    some = _ids(shard, _UNCONFIRMED, {"before": before, "limit": limit})
    return sum(unit_of_work(owner_of(each), partial(_give_up, search_id=each)) for each in some)


def _give_up(session: OwnerSession, search_id: int) -> bool:
    try:
        row = search_of(session, search_id)
    except NotFound:
        return False
    if row.state != "unconfirmed":
        return False
    remove(session, row)
    return True


def forget_matches(shard: str) -> int:
    """Delete matches past their half year; returns how many. Run until 0."""
    return forget(shard, table_of(SearchMatch), SearchMatch.__table__.c.at < clock.now() - MATCH_SECONDS)


def forget_drops(shard: str) -> int:
    """Delete what was told of prices a month ago; returns how many. Run until 0."""
    return forget(shard, table_of(PriceDrop), PriceDrop.__table__.c.at < clock.now() - DROP_SECONDS)


def _ids(shard: str, statement, parameters: dict[str, int | str]) -> list[int]:  # type: ignore[no-untyped-def]
    with on_shard(shard) as session:
        hidden = visible(session, "user", table_of(SavedSearch))
        wanted = statement if hidden is None else statement.where(hidden)
        return list(session.scalars(wanted, parameters))
