"""The scheduled jobs that keep the house: each a few verbs of rooms, returning a line for the ledger."""

from shared import accounts, catalog, clock, listings, sharding
from shared.events import relay

_TOMBSTONE_SECONDS = 30 * 86_400


def expire_listings() -> str:
    """End the listings whose time is up."""
    ended = 0
    for shard in sharding.current().names("user"):
        while batch := listings.expire_due(shard):
            ended += batch
    return f"{ended} listings expired"


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
    gone = 0
    for shard in sharding.current().names("user"):
        while batch := relay.forget(shard):
            gone += batch
    return f"{gone} events forgotten"
