"""What was found for a search, recorded with whoever saved it: once for each search and listing."""

from collections.abc import Iterable, Iterator, Sequence
from functools import partial

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from shared import clock
from shared.alerts.calendar import FREQUENCIES
from shared.alerts.models import SavedSearch, SearchMatch
from shared.ids import owner_of
from shared.sharding import bulk, by_shard, rerun, table_of

_AT_ONCE = 500
_search, _match = table_of(SavedSearch), table_of(SearchMatch)
# Rows and not objects: a listing in a large category is news for hundreds. Without a condition on the state, for which
# a database would read the index of all active searches.
_LOCKED = (
    select(_search.c.id, _search.c.owner, _search.c.state, _search.c.frequency, _search.c.mailed_at, _search.c.due_at)
    .where(_search.c.id.in_(bindparam("searches", expanding=True)))
    .with_for_update()
)
_SET_DUE = update(_search).where(_search.c.id == bindparam("search")).values(due_at=bindparam("due"))
# From the searches, each of which names its owner: with a list of owners beside one of searches, every pair is probed.
_KNOWN = (
    select(_match.c.search)
    .select_from(_search)
    .join(_match, (_match.c.owner == _search.c.owner) & (_match.c.search == _search.c.id))
    .where(_search.c.id.in_(bindparam("searches", expanding=True)), _match.c.listing == bindparam("listing"))
)


def note_matches(listing: int, revision: int, searches: Iterable[int]) -> int:
    """Record that a listing, as of this revision, matches these searches, and when their owners are to hear of it.

    Once for each pair: returns how many were new. May be called again; searches that are gone or paused meanwhile are
    passed over.
    """
    return sum(rerun(partial(_note_some, listing, revision, some)) for some in _in_turn(sorted(searches)))


def _in_turn(searches: Sequence[int]) -> Iterator[Sequence[int]]:
    return (searches[at : at + _AT_ONCE] for at in range(0, len(searches), _AT_ONCE))


def _note_some(listing: int, revision: int, searches: Sequence[int]) -> int:
    noted = 0
    for shard, owners in by_shard("user", {owner_of(search) for search in searches}).items():
        here = set(owners)
        with bulk(shard, "user", owners) as session:
            noted += _note(session, listing, revision, [each for each in searches if owner_of(each) in here])
    return noted


def _note(session: Session, listing: int, revision: int, searches: Sequence[int]) -> int:
    # The lock on a search lets one worker at a time decide what of it is new.
    active = [row for row in session.execute(_LOCKED, {"searches": searches}) if row.state == "active"]
    known = set(session.scalars(_KNOWN, {"searches": [row.id for row in active], "listing": listing}))
    now, fixed = clock.now(), {"listing": listing, "revision": revision, "batch": None}
    found = [row for row in active if row.id not in known]
    due = [(row.id, FREQUENCIES[row.frequency].next(now, row.mailed_at)) for row in found if row.due_at is None]
    if due:
        session.execute(_SET_DUE, [{"search": search, "due": moment} for search, moment in due])
    if found:
        session.execute(
            insert(SearchMatch), [{**fixed, "owner": row.owner, "search": row.id, "at": now} for row in found]
        )
    return len(found)
