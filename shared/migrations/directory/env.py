"""Alembic's entry to the directory's history."""

import shared.models  # noqa: F401
from shared.migrations.environment import run
from shared.sharding.base import DirectoryBase

run(DirectoryBase.metadata)
