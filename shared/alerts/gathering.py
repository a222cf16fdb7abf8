"""From what was found to mails: what is due to somebody is gathered into a batch, and its event has the mail made.

The batch, its event and the mark that nothing is due any more are one transaction, so that a run that dies or runs
twice neither loses a mail nor doubles it. A batch is named by its event.
"""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import bindparam, func, select, update

from shared import clock, messaging
from shared.alerts.calendar import FREQUENCIES
from shared.alerts.models import PriceDrop, SavedSearch, SearchMatch
from shared.alerts.saving import searches
from shared.events import AlertsGathered, PriceDropsGathered, record
from shared.ids import owner_of
from shared.sharding import OwnerSession, on_shard, table_of
from shared.sharding.scatter import visible

_DUE = tuple(
    select(table.owner).where(table.due_at <= bindparam("now")).order_by(table.due_at).limit(bindparam("limit"))
    for table in (SavedSearch, PriceDrop)
)
_OF_BATCH = (
    select(SearchMatch.search, SearchMatch.listing, SearchMatch.revision)
    .where(SearchMatch.owner == bindparam("mine"), SearchMatch.batch == bindparam("batch"))
    .order_by(SearchMatch.search, SearchMatch.at.desc(), SearchMatch.listing.desc())
)
_DROPS = (
    select(PriceDrop.listing, PriceDrop.currency, func.max(PriceDrop.before).label("before"))
    .where(PriceDrop.owner == bindparam("mine"), PriceDrop.batch == bindparam("batch"))
    .group_by(PriceDrop.listing, PriceDrop.currency)
    .order_by(PriceDrop.listing)
)


class Match(NamedTuple):
    """A listing that matched as of this revision."""

    listing: int
    revision: int


class Found(NamedTuple):
    """What a mail tells of one search: what matched it, the latest first."""

    search: SavedSearch
    matches: list[Match]


class Dropped(NamedTuple):
    """A favourite in a mail, and what it cost before, in minor units of `currency`."""

    listing: int
    before: int
    currency: str


def due(shard: str, limit: int = 500) -> set[int]:
    """Some owners on a shard to whom a mail is due."""
    found: set[int] = set()
    with on_shard(shard) as session:
        for statement, table in zip(_DUE, (SavedSearch, PriceDrop), strict=True):
            hidden = visible(session, "user", table_of(table))
            wanted = statement if hidden is None else statement.where(hidden)
            found |= set(session.scalars(wanted, {"now": clock.now(), "limit": limit}))
    return found


def gather(session: OwnerSession) -> int:
    """Make a batch of what is due to the session's owner, and its event; returns how many mails that will be.

    May be called again, and when nothing is due.
    """
    return _gather_matches(session) + _gather_drops(session)


def _gather_matches(session: OwnerSession) -> int:
    now = clock.now()
    # Locked, so that no match comes in between what is told and the mark that nothing waits.
    mine = searches(session)
    waiting = [row for row in mine if row.due_at is not None]
    if not any(_is_due(row, now) for row in waiting):
        return 0
    # What may come at once comes along: a mail now and another in a minute would be one too many.
    chosen = [row for row in waiting if row.frequency == "instant" or _is_due(row, now)]
    batch = record(session, AlertsGathered(user=session.owner))
    session.execute(
        update(SearchMatch)
        .where(SearchMatch.owner == session.owner, SearchMatch.search.in_([row.id for row in chosen]))
        .where(SearchMatch.batch.is_(None))
        .values(batch=batch)
        .execution_options(synchronize_session=False)
    )
    for row in chosen:
        row.due_at, row.mailed_at = None, now
    for row in mine:
        if row.frequency == "instant":
            row.mailed_at = now  # no other of his searches writes at once for a while either
    return 1


def _is_due(search: SavedSearch, now: int) -> bool:
    return search.due_at is not None and search.due_at <= now


def _gather_drops(session: OwnerSession) -> int:
    mine = (PriceDrop.owner == session.owner, PriceDrop.due_at.is_not(None))
    first = session.execute(select(func.min(PriceDrop.due_at)).where(*mine)).scalar_one()
    if first is None or first > clock.now():
        return 0
    batch = record(session, PriceDropsGathered(user=session.owner))
    session.execute(
        update(PriceDrop).where(*mine).values(batch=batch, due_at=None).execution_options(synchronize_session=False)
    )
    return 1


def found(session: OwnerSession, batch: int) -> list[Found]:
    """What the mail of a batch is about, without searches that are gone or paused meanwhile and without listings of
    sellers whom the session's owner has blocked."""
    matches, blocked = dict[int, list[Match]](), _blocked(session)
    for row in session.execute(_OF_BATCH, {"mine": session.owner, "batch": batch}):
        if owner_of(row.listing) not in blocked:
            matches.setdefault(row.search, []).append(Match(row.listing, row.revision))
    return [Found(row, matches[row.id]) for row in searches(session) if row.id in matches and row.state == "active"]


def dropped(session: OwnerSession, batch: int) -> Sequence[Dropped]:
    """Which favourites the mail of a batch is about, without those of sellers whom the session's owner has blocked."""
    rows, blocked = session.execute(_DROPS, {"mine": session.owner, "batch": batch}), _blocked(session)
    return [Dropped(row.listing, row.before, row.currency) for row in rows if owner_of(row.listing) not in blocked]


def _blocked(session: OwnerSession) -> set[int]:
    return {each.blocked for each in messaging.blocked(session)}


def frequencies() -> list[tuple[str, str]]:
    """What can be chosen, as (value, words)."""
    return [(name, each.words) for name, each in FREQUENCIES.items()]
