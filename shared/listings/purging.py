"""Deleting listings for good: removed ones and abandoned drafts after their time, and finding the files left behind."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from sqlalchemy import bindparam, delete, select

from shared import clock, ids
from shared.accounts.models import User
from shared.listings.models import Listing, ListingLink, Photo
from shared.sharding import FleetNotReady, OwnerSession, current, on_shard, table_of
from shared.sharding.coverage import coverage
from shared.sharding.scatter import visible

# A removed listing is kept for so long after its removal, a draft after its last change.
REMOVED_DAYS = DRAFT_DAYS = 30
_DAY = 86_400
_KEEP_SECONDS = {"removed": REMOVED_DAYS * _DAY, "draft": DRAFT_DAYS * _DAY}
_PAGE = 1000
_OVER = (
    select(Listing.id)
    .where(Listing.state == bindparam("state"), Listing.updated_at < bindparam("before"))
    .order_by(Listing.updated_at)
    .limit(bindparam("limit"))
)
_photo = table_of(Photo)
_PHOTOS = (
    select(_photo.c.id, _photo.c.variants)
    .where(_photo.c.id > bindparam("after"))
    .order_by(_photo.c.id)
    .limit(bindparam("limit"))
)


def over(shard: str, limit: int = 500) -> list[int]:
    """Up to `limit` listings of a shard whose time to be purged has come."""
    found: list[int] = []
    with on_shard(shard) as session:
        hidden = visible(session, "user", table_of(Listing))
        statement = _OVER if hidden is None else _OVER.where(hidden)
        for state, seconds in _KEEP_SECONDS.items():
            wanted = {"state": state, "before": clock.now() - seconds, "limit": limit - len(found)}
            found += session.scalars(statement, wanted)
    return found


def purge(session: OwnerSession, listing_id: int) -> str | None:
    """Delete a listing, its photos' rows and its links; returns the state that it was in.

    None, and nothing is changed, when its time has not come: it is not there, or somebody has just worked on it.
    """
    this = (Listing.owner == session.owner, Listing.id == listing_id)
    row = session.execute(select(Listing.state, Listing.updated_at).where(*this).with_for_update()).first()
    if row is None or row.state not in _KEEP_SECONDS or row.updated_at >= clock.now() - _KEEP_SECONDS[row.state]:
        return None
    for part in (Photo, ListingLink):
        session.execute(delete(part).where(part.owner == session.owner, part.listing == listing_id))
    session.execute(delete(Listing).where(*this))
    return str(row.state)


def forget_guest(session: OwnerSession) -> bool:
    """Delete the session's owner if he is a guest who has no listing; whether he was. His ids are not given out again,
    since the counters of his rows stay."""
    if session.execute(select(Listing.id).where(Listing.owner == session.owner).limit(1)).first() is not None:
        return False
    mine = (User.owner == session.owner, User.id == ids.compose(session.owner, 0))
    return bool(session.execute(delete(User).where(*mine, User.state == "guest")).rowcount)


def unnamed(blobs: Collection[str]) -> set[str]:
    """Those of these blob names that no photo of any listing names. Reads every photo of every shard, a page at a time.

    Photos that come while it reads may be missed: their blobs have just been put. Raises FleetNotReady when somebody's
    photos may have been missed because a range of users was on its way from one shard to another.
    """
    left, homes = set(blobs), coverage("user")
    for shard in current().names("user"):
        for variants in _manifests(shard):
            left.difference_update(_names(variants))
    if coverage("user") != homes:
        raise FleetNotReady("a range of users moved while the photos were read")
    return left


def _manifests(shard: str) -> Iterator[Mapping[str, Any]]:
    """Also those of ranges that the shard only mirrors: naming a blob once more keeps it, and does no harm."""
    after = 0
    while True:
        with on_shard(shard) as session:
            rows = session.execute(_PHOTOS, {"after": after, "limit": _PAGE}).all()
        if not rows:
            return
        yield from (row.variants for row in rows)
        after = rows[-1].id


def _names(variants: Mapping[str, Any]) -> Iterator[str]:
    """The blob names in a manifest as `ProcessedPhoto.manifest()` makes it."""
    return (name for files in variants.values() for name in files.values() if isinstance(name, str))
