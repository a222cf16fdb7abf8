"""What becomes of deliveries past their 30 days. The scheduler runs these; each may be run at any time, repeatedly."""

from shared import clock
from shared.sharding import table_of
from shared.sharding.forgetting import AT_ONCE, forget
from shared.webhooks.models import AttemptRow, DeliveryRow, MessageRow

KEEP_SECONDS = 30 * 86_400


def forget_attempts(shard: str, limit: int = AT_ONCE) -> int:
    """Delete attempts past their 30 days; returns how many. Run until 0."""
    table = table_of(AttemptRow)
    return forget(shard, table, table.c.at < clock.now() - KEEP_SECONDS, limit)


def forget_deliveries(shard: str, limit: int = AT_ONCE) -> int:
    """Delete deliveries past their 30 days; returns how many. Run until 0."""
    table = table_of(DeliveryRow)
    return forget(shard, table, table.c.created_at < clock.now() - KEEP_SECONDS, limit)


def forget_messages(shard: str, limit: int = AT_ONCE) -> int:
    """Delete messages past their 30 days; returns how many. Run until 0, after the deliveries."""
    table = table_of(MessageRow)
    return forget(shard, table, table.c.created_at < clock.now() - KEEP_SECONDS, limit)
