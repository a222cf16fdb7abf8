"""What every background process does first: settings, logging, the fleet, and a stop flag for signals."""

import gc
import os
import signal
import threading

from shared import accounts, messaging, places, sharding, steps, webhooks
from shared.config import Settings
from shared.migrations import require_current
from shared.observability import configure_logging

stop = threading.Event()


def boot() -> Settings:
    """Read the settings, open the fleet and refuse one that is not migrated. Sets `stop` on SIGTERM and SIGINT."""
    settings = Settings.from_environment(os.environ)
    configure_logging(settings.log_format)
    require_current(sharding.configure(settings))
    accounts.configure(settings)
    messaging.configure(settings)
    webhooks.configure(settings)
    places.load(settings.var / "cache")
    steps.obey(settings.var / "run" / "steps")
    # All of this stays until the end, where collecting it took each process a third of a second.
    gc.freeze()
    return settings


def stop_on_signals() -> None:
    """Ask the main loop to end after what it is doing now."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())


def wait(seconds: float) -> bool:
    """Sleep unless asked to stop; True while the process should go on."""
    return not stop.wait(seconds)
