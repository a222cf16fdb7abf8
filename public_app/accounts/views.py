"""The room's blueprint with every view added to it."""

from . import entering, exporting, managing, recovering  # noqa: F401  each adds its views
from .routes import blueprint

__all__ = ["blueprint"]
