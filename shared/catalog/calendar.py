"""Listings by the time they were published, oldest first, for sitemaps: ranges of the index that home uses."""

from sqlalchemy import Row, bindparam, select

from shared import clock
from shared.catalog.models import LISTINGS as _TABLE
from shared.sharding import concatenate, fan_out

_DURING = (
    _TABLE.c.created_at >= bindparam("start"),
    _TABLE.c.created_at < bindparam("end"),
    _TABLE.c.expires_at > bindparam("now"),
)
_OLDEST = (
    select(_TABLE.c.created_at).where(_TABLE.c.expires_at > bindparam("now")).order_by(_TABLE.c.created_at).limit(1)
)
_BETWEEN = (
    select(_TABLE.c.public_id, _TABLE.c.created_at)
    .where(*_DURING)
    .order_by(_TABLE.c.created_at, _TABLE.c.listing)
    .limit(bindparam("limit"))
)
_CROWDED = (
    select(_TABLE.c.listing).where(*_DURING[:2]).order_by(_TABLE.c.created_at).offset(bindparam("more_than")).limit(1)
)


def oldest() -> int | None:
    """When the oldest listing on view was published, None when there is none."""
    rows = fan_out(_OLDEST, {"now": clock.now()}, keyspace="city", merge=concatenate)
    return min((row.created_at for row in rows), default=None)


def published_between(start: int, end: int, limit: int) -> list[Row[tuple[int, int]]]:
    """(public_id, created_at) of the listings on view that were published from `start` until before `end`."""
    parameters = {"start": start, "end": end, "now": clock.now(), "limit": limit}
    return fan_out(_BETWEEN, parameters, keyspace="city", merge=concatenate)[:limit]


def crowded(start: int, end: int, more_than: int) -> bool:
    """Whether one catalogue shard has more than so many listings published from `start` until before `end`."""
    return bool(
        fan_out(_CROWDED, {"start": start, "end": end, "more_than": more_than}, keyspace="city", merge=concatenate)
    )
