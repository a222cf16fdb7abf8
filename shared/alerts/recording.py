"""What was found for a search, recorded with whoever saved it: once for each search and listing."""

from collections.abc import Iterable, Iterator, Sequence
from functools import partial

from sqlalchemy import bindparam, insert, select
from sqlalchemy.orm import Session

from shared import clock
from shared.alerts.calendar import FREQUENCIES
from shared.alerts.models import SavedSearch, SearchMatch
from shared.ids import owner_of
from shared.sharding import bulk, by_shard, rerun

_AT_ONCE = 500
_ACTIVE = (
    select(SavedSearch)
    .where(SavedSearch.id.in_(bindparam("searches", expanding=True)), SavedSearch.state == "active")
    .with_for_update()
)
_KNOWN = select(SearchMatch.search).where(
    SearchMatch.owner.in_(bindparam("owners", expanding=True)),
    SearchMatch.search.in_(bindparam("searches", expanding=True)),
    SearchMatch.listing == bindparam("listing"),
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
    active = session.scalars(_ACTIVE, {"searches": searches}).all()
    pairs = {"owners": [row.owner for row in active], "searches": [row.id for row in active], "listing": listing}
    known = set(session.scalars(_KNOWN, pairs)) if active else set()
    now, fixed = clock.now(), {"listing": listing, "revision": revision, "batch": None}
    found = [row for row in active if row.id not in known]
    for row in found:
        if row.due_at is None:
            row.due_at = FREQUENCIES[row.frequency].next(now, row.mailed_at)
    if found:
        session.execute(
            insert(SearchMatch), [{**fixed, "owner": row.owner, "search": row.id, "at": now} for row in found]
        )
    return len(found)
