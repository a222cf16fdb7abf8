"""The scheduled jobs that keep the house: each a few verbs of rooms, returning a line for the ledger."""

import os
from collections.abc import Callable
from functools import partial

from jobs import purging
from shared import accounts, catalog, clock, complaints, listings, messaging, scheduling, sharding, webhooks
from shared.config import Settings
from shared.events import relay
from shared.gateways.blobs import blobs
from shared.search import IndexBusy, IndexUnavailable, open_index, repair
from shared.sharding import idempotency

_TOMBSTONE_SECONDS = _RUN_SECONDS = 30 * 86_400


def expire_listings() -> str:
    """End the listings whose time is up."""
    return f"{_on_every_shard(listings.expire_due)} listings expired"


def warn_sellers() -> str:
    """Tell sellers that a listing ends soon; each of them, once for each end."""
    return f"{_on_every_shard(listings.warn_due)} sellers warned"


def settle_claims() -> str:
    """Decide the claims of sign-ups that died half way."""
    return f"{accounts.settle_claims()} claims settled"


def tidy_accounts() -> str:
    """Forget sessions, links, counters and closed accounts whose time is over."""
    return f"{accounts.forget_expired(purging.forget_belongings)} rows forgotten"


def reconcile_catalogue() -> str:
    """Compare the catalogue with the listings and mend it."""
    repaired = catalog.reconcile()
    forgotten = _on_every_shard(partial(catalog.forget_tombstones, before=clock.now() - _TOMBSTONE_SECONDS), "city")
    return (
        f"{repaired.missing} entries added or renewed, {repaired.surplus} taken out, {forgotten} tombstones forgotten"
    )


def forget_events() -> str:
    """Delete events and what consumers noted of them past their 30 days."""
    events, marks = _on_every_shard(relay.forget_events), _on_every_shard(relay.forget_marks)
    return f"{events} events and {marks} consumers' marks forgotten"


def forget_webhooks() -> str:
    """Delete webhooks and the attempts at them past their 30 days."""
    attempts, deliveries = _on_every_shard(webhooks.forget_attempts), _on_every_shard(webhooks.forget_deliveries)
    messages = _on_every_shard(webhooks.forget_messages)
    return f"{messages} webhooks, {deliveries} deliveries and {attempts} attempts forgotten"


def forget_requests() -> str:
    """Delete the keys of requests past their seven days, and the timetable's slots past a month."""
    keys = _on_every_shard(idempotency.forget)
    runs = _until_none(partial(scheduling.forget, clock.now() - _RUN_SECONDS))
    return f"{keys} keys of requests and {runs} slots forgotten"


def tidy_messages() -> str:
    """Delete for good what users deleted of their messages a week ago, and complaints a year old."""
    threads, old = _on_every_shard(messaging.purge_deleted), _on_every_shard(complaints.forget_old)
    return f"the deleted messages of {threads} threads and {old} complaints forgotten"


def purge() -> str:
    """Delete for good: removed listings, abandoned drafts, guests without either, and files that nothing names."""
    gone = purging.purge_listings()
    files = purging.sweep_files(blobs(Settings.from_environment(os.environ).blob_url))
    return (
        f"removed {gone['removed']} listings, {gone['draft']} drafts, {gone['guest']} guests, "
        f"{files['photo']} files, {files['unfinished']} unfinished files"
    )


def compare_index() -> str:
    """Compare the search index with the listings, and have the indexer look at what differs."""
    settings = Settings.from_environment(os.environ)
    try:
        return str(repair.count(repair.compare(open_index(settings)), repair.Queue(settings.var / "index")))
    except IndexUnavailable as error:  # the indexer builds another one
        return f"not compared: {error.message}"


def rebuild_index() -> str:
    """Build the search index anew while the old one answers, which also sweeps out what was deleted."""
    try:
        return f"{repair.rebuild(open_index(Settings.from_environment(os.environ)))} listings indexed"
    except IndexBusy as error:
        return f"not built: {error.message}"


def _on_every_shard(some: Callable[[str], int], keyspace: str = "user") -> int:
    """Run a batch on each shard until it finds nothing more to do; returns how much it did."""
    return sum(_until_none(partial(some, shard)) for shard in sharding.current().names(keyspace))


def _until_none(some: Callable[[], int]) -> int:
    total = 0
    while batch := some():
        total += batch
    return total
