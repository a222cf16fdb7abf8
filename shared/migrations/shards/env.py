"""Alembic's entry to the shards' history."""

import shared.models  # noqa: F401
from shared.migrations.environment import run
from shared.sharding.base import ShardBase

run(ShardBase.metadata)
