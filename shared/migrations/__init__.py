"""Alembic over every database of the fleet: one history for the directory, one for the shards."""

from shared.migrations.walk import Progress, require_current, upgrade_all

__all__ = ["Progress", "require_current", "upgrade_all"]
