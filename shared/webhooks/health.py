"""How an endpoint is doing, from attempt to attempt: active, degraded, probing, disabled, and back.

Four failures in a row make it degraded: one delivery at a time, seconds apart, each still using up its ladder. After a
quarter of an hour without a 2xx it is probing: one delivery an hour, whose failure costs no ladder anything, while all
others are parked. After five days it is switched off. One 2xx ends the story at any time.
"""

from shared import clock
from shared.webhooks.ladder import spread
from shared.webhooks.models import EndpointRow

DEGRADED_AFTER = 4
PROBING_SECONDS = 900
DISABLED_SECONDS = 5 * 86_400
# Between two attempts at an endpoint that is failing.
PAUSE_SECONDS = {"degraded": 5, "probing": 3600}
# What is told by mail while the story lasts, besides its beginning and its end.
WARNINGS = {"failing_24h": 86_400, "failing_72h": 3 * 86_400}
# After so long without an attempt the next failure begins another story.
QUIET_SECONDS = 86_400
# An answer that takes longer puts the endpoint into the slow lane.
SLOW_MS = 2_000


def succeeded(row: EndpointRow, ms: int) -> str | None:
    """Note a 2xx; returns "recovered" when that ends what the seller was told of."""
    told = row.warned is not None
    forget(row)
    row.succeeded_at, row.slow = clock.now(), ms > SLOW_MS
    return "recovered" if told else None


def failed(row: EndpointRow) -> str | None:
    """Note a failure; returns what the seller should be told now: a name of WARNINGS, "degraded", "disabled" or None.

    The caller switches a disabled one off.
    """
    now = clock.now()
    if row.failing_since is None or (row.failed_at or 0) < now - QUIET_SECONDS:
        row.failing_since, row.failures = now, 0
    row.failures, row.failed_at, row.slow = row.failures + 1, now, True
    failing = now - row.failing_since
    if row.failures >= DEGRADED_AFTER:
        row.state = "probing" if failing >= PROBING_SECONDS else "degraded"
        row.opens_at = now + spread(PAUSE_SECONDS[row.state])
    return _news(row, failing)


def _news(row: EndpointRow, failing: int) -> str | None:
    if row.state not in PAUSE_SECONDS:
        return None
    if failing >= DISABLED_SECONDS:
        return "disabled"
    stages = ["degraded", *(name for name, after in WARNINGS.items() if failing >= after)]
    if row.warned == stages[-1]:
        return None
    row.warned = stages[-1]
    return row.warned


def forget(row: EndpointRow) -> None:
    """Give the endpoint a clean record: active, and open at once."""
    row.state, row.reason, row.warned = "active", None, None
    row.failures, row.failing_since, row.failed_at = 0, None, None
    row.opens_at, row.slow = 0, False
