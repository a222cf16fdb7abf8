"""The room's blueprint with every view added to it."""

from . import expiring, managing, photographing, posting, publishing, reading  # noqa: F401  each adds its views
from .routes import blueprint

__all__ = ["blueprint"]
