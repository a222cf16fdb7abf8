"""The room's blueprint with every view added to it."""

from . import managing, saving  # noqa: F401  each adds its views
from .routes import blueprint

__all__ = ["blueprint"]
