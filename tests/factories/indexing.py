"""The index brought up to date in tests, as the relay and the indexer do it."""

from jobs import indexer
from shared.events.relay import number_pending
from shared.search import SearchIndex
from shared.sharding import current


def catch_up(index: SearchIndex) -> None:
    """Number what is pending and index it, until nothing is left to do."""
    for shard in current().names("user"):
        while number_pending(shard):
            pass
    while indexer.step(index):
        pass
