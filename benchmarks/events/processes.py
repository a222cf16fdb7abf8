"""Single services of an installation, as the supervisor starts them, for as long as a block runs."""

import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager

from benchmarks.serving import CannotMeasure
from jobs.supervisor.services import services
from jobs.supervisor.warden import end_sessions
from shared.config import ROOT, Settings

_START_SECONDS = 60.0


@contextmanager
def running(settings: Settings, environ: Mapping[str, str], *names: str) -> Iterator[None]:
    """Start the named services in their order, each when the one before it answers."""
    with ExitStack() as stack:
        for service in services(settings):
            if service.name in names:
                process = subprocess.Popen(service.command, cwd=ROOT, env=dict(environ), start_new_session=True)
                stack.callback(process.wait)
                stack.callback(end_sessions, [process.pid])
                deadline = time.monotonic() + _START_SECONDS
                while not service.ready():
                    if process.poll() is not None or time.monotonic() > deadline:
                        raise CannotMeasure(f"{service.name} did not start.")
                    time.sleep(0.05)
        yield
