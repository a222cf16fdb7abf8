"""The room's blueprint with every view added to it."""

from . import delivering, editing, guiding, managing, replaying  # noqa: F401  each adds its views
from .routes import blueprint

__all__ = ["blueprint"]
