"""Entry points for application servers. Each imports its own app only, when it is asked for."""

import gc
import os

from flask import Flask


def public() -> Flask:
    """The public site: `granian --interface wsgi --factory wsgi:public`."""
    # Nothing that is loaded here is ever garbage: looking for some took a fifth of the start, and as long at the end.
    gc.disable()
    from public_app import create_app
    from shared import places, sharding
    from shared.config import Settings
    from shared.migrations import require_current
    from shared.observability import configure_logging

    settings = Settings.from_environment(os.environ)
    configure_logging(settings.log_format)
    require_current(sharding.configure(settings))
    places.load(settings.var / "cache")
    app = create_app(settings, page_cache_seconds=settings.page_cache_seconds)
    gc.freeze()
    gc.enable()
    return app
