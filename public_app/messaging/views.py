"""The room's blueprint with every view added to it."""

from . import blocking, contacting, filing, offering, reading  # noqa: F401  each adds its views
from .routes import blueprint

__all__ = ["blueprint"]
