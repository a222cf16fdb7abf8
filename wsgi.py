"""Entry points for application servers. Each imports its own app only, when it is asked for."""

import gc
import os
from typing import TYPE_CHECKING

from flask import Flask

if TYPE_CHECKING:
    from shared.config import Settings


def public() -> Flask:
    """The public site: `granian --interface wsgi --factory wsgi:public`."""
    # Nothing that is loaded here is ever garbage: looking for some took a fifth of the start, and as long at the end.
    gc.disable()
    from public_app import create_app
    from shared import places

    settings = _open()
    places.load(settings.var / "cache")
    app = create_app(settings, page_cache_seconds=settings.page_cache_seconds)
    gc.freeze()
    gc.enable()
    return app


def streams() -> Flask:
    """What open pages are told by themselves: `granian --interface wsgi --factory wsgi:streams`, one worker."""
    from public_app.live.ending import notice
    from public_app.live.streaming import create_app

    app = create_app(_open())
    notice(app.extensions["ending"])
    gc.freeze()
    return app


def _open() -> "Settings":
    """The settings, with everything configured by them that both apps need."""
    from shared import sharding
    from shared.config import Settings
    from shared.migrations import require_current
    from shared.observability import configure_logging

    settings = Settings.from_environment(os.environ)
    configure_logging(settings.log_format)
    require_current(sharding.configure(settings))
    return settings
