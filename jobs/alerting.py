"""The scheduled jobs of the alerts: each returns a line for the ledger, and may run beside itself."""

import os
from collections.abc import Callable

from shared import alerts, sharding
from shared.config import Settings
from shared.search import open_index
from shared.sharding import unit_of_work


def send_alerts() -> str:
    """Gather what is due to anybody into mails, an owner at a time."""
    mails = sum(_gather_on(shard) for shard in sharding.current().names("user"))
    return f"{mails} mails of alerts to be made"


def _gather_on(shard: str) -> int:
    mails, seen = 0, set[int]()
    # Nobody twice: what came meanwhile is for the next run.
    while owners := alerts.due(shard) - seen:
        mails += sum(unit_of_work(owner, alerts.gather) for owner in sorted(owners))
        seen |= owners
    return mails


def renew_keys() -> str:
    """Make the keys of saved searches anew whose words the search reads in another way than before."""
    settings = Settings.from_environment(os.environ)
    maker = alerts.key_maker(settings, open_index(settings))
    renewed = sum(alerts.renew_keys(shard, maker) for shard in sharding.current().names("user"))
    return f"{renewed} saved searches have new keys"


def forget() -> str:
    """Delete searches that nobody confirmed, and what was found too long ago to matter."""
    unconfirmed, matches, drops = map(
        _everywhere, (alerts.forget_unconfirmed, alerts.forget_matches, alerts.forget_drops)
    )
    return f"{unconfirmed} unconfirmed searches, {matches} matches and {drops} price drops forgotten"


def _everywhere(some: Callable[[str], int]) -> int:
    total = 0
    for shard in sharding.current().names("user"):
        while batch := some(shard):
            total += batch
    return total
