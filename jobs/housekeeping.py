"""The scheduled jobs that keep the house: each a few verbs of rooms, returning a line for the ledger."""

from collections.abc import Callable

from shared import accounts, catalog, clock, listings, scheduling, sharding
from shared.events import relay
from shared.sharding import idempotency

_TOMBSTONE_SECONDS = _RUN_SECONDS = 30 * 86_400


def expire_listings() -> str:
    """End the listings whose time is up."""
    return f"{_on_every_shard(listings.expire_due)} listings expired"


def settle_claims() -> str:
    """Decide the claims of sign-ups that died half way."""
    return f"{accounts.settle_claims()} claims settled"


def tidy_accounts() -> str:
    """Forget sessions, links, counters and closed accounts' addresses whose time is over."""
    return f"{accounts.forget_expired()} rows forgotten"


def reconcile_catalogue() -> str:
    """Compare the catalogue with the listings and mend it."""
    repaired = catalog.reconcile()
    forgotten = catalog.forget_tombstones(clock.now() - _TOMBSTONE_SECONDS)
    return (
        f"{repaired.missing} entries added or renewed, {repaired.surplus} taken out, {forgotten} tombstones forgotten"
    )


def forget_events() -> str:
    """Delete events and inbox rows past their 30 days."""
    return f"{_on_every_shard(relay.forget)} events forgotten"


def forget_requests() -> str:
    """Delete the keys of requests past their seven days, and the timetable's slots past a month."""
    keys = _on_every_shard(idempotency.forget)
    runs = scheduling.forget(clock.now() - _RUN_SECONDS)
    return f"{keys} keys of requests and {runs} slots forgotten"


def _on_every_shard(some: Callable[[str], int]) -> int:
    """Run a batch on each user shard until it finds nothing more to do; returns how much it did."""
    total = 0
    for shard in sharding.current().names("user"):
        while batch := some(shard):
            total += batch
    return total
