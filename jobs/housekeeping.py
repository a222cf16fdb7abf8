"""The scheduled jobs that keep the house: each a few verbs of rooms, returning a line for the ledger."""

from shared import sharding
from shared.events import relay


def forget_events() -> str:
    """Delete events and inbox rows past their 30 days."""
    gone = 0
    for shard in sharding.current().names("user"):
        while batch := relay.forget(shard):
            gone += batch
    return f"{gone} events forgotten"
