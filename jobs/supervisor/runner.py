"""The runner: one per var/, starts the services in order, tends them, stops them in reverse."""

import fcntl
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TextIO

from jobs.supervisor.process import Process
from jobs.supervisor.services import answers, services
from shared.config import ROOT, Settings, WrongSetting

log = logging.getLogger("runner")
_READY_SECONDS = 60
_TEND_SECONDS = 0.2


class Lock:
    """Held for as long as the runner lives; the kernel gives it back whatever happens."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: TextIO | None = None

    def __enter__(self) -> "Lock":
        self._file = self.path.open("a+")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._file.seek(0)
            holder = self._file.read().strip() or "another process"
            raise WrongSetting(f"Steveslist is already running on {self.path.parent} (process {holder}).") from None
        self._file.truncate(0)
        self._file.write(str(os.getpid()))
        self._file.flush()
        return self

    def __exit__(self, *_error: object) -> None:
        assert self._file is not None
        self._file.close()


def refuse_taken_ports(settings: Settings) -> None:
    """Stop before anything starts when a port of ours is in use."""
    for field, bind in (("PUBLIC_BIND", settings.public_bind), ("STAFF_BIND", settings.staff_bind)):
        if field == "STAFF_BIND" and not (ROOT / "admin_app").is_dir():
            continue
        if answers(bind):
            raise WrongSetting(
                f"{bind} is in use by another program. Stop it, or set STEVESLIST_{field} to another HOST:PORT."
            )


def supervise(settings: Settings, environ: Mapping[str, str]) -> int:
    """Run the site until SIGINT or SIGTERM; returns the exit status."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    processes = [Process(service, environ, ROOT) for service in services(settings)]
    try:
        for process in processes:
            process.start()
            if not _wait_ready(process, stop):
                return 1 if not stop.is_set() else 0
        if not stop.is_set():
            _greet(settings)
        while not stop.wait(_TEND_SECONDS):
            for process in processes:
                if happened := process.tend():
                    log.warning(happened)
        return 0
    finally:
        _stop_all(processes)


def _wait_ready(process: Process, stop: threading.Event) -> bool:
    deadline = time.monotonic() + _READY_SECONDS
    while not process.service.ready():
        if stop.is_set():
            return False
        if not process.alive or time.monotonic() > deadline:
            log.error("%s did not start; its own words are above", process.service.name)
            return False
        stop.wait(0.02)
    return True


def _stop_all(processes: list[Process]) -> None:
    """In reverse, so that nobody loses what he depends on; the first one, the queue, goes last and alone."""
    first, others = processes[:1], processes[1:]
    for group in (others, first):
        for process in reversed(group):
            process.ask_to_stop()
        started = time.monotonic()
        for process in reversed(group):
            process.wait_stopped(process.service.stop_seconds - (time.monotonic() - started))


def _greet(settings: Settings) -> None:
    lines = [
        f"{settings.site_name} is at {settings.public_url}",
        f"Mail is kept in {settings.mail_url.partition(':')[2]}" if settings.mail_url.startswith("maildir:") else "",
        "Demo data: python3 run.py demo (in another terminal)",
        "Stop with Ctrl-C.",
    ]
    print("\n".join(line for line in lines if line), file=sys.stderr, flush=True)
