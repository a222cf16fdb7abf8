"""The runner: one per var/, starts the services in order, tends them, stops them in reverse."""

import fcntl
import gc
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from types import FrameType
from typing import TextIO

from jobs.supervisor.addresses import refuse_absent_redis, refuse_unusable
from jobs.supervisor.process import Process, Warden
from jobs.supervisor.services import embedded_redis_url, services
from shared.config import ROOT, Settings, WrongSetting

log = logging.getLogger("runner")
_READY_SECONDS = 60
_TEND_SECONDS = 0.2
# How long a warden may need to end what a killed runner left.
_LEFTOVERS_SECONDS = 10.0
# What ends within so long has had no job worth a word.
_SILENT_SECONDS = 2.0


class Lock:
    """Held while the runner, or anything it started, lives; the kernel gives it back whatever happens."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: TextIO | None = None

    def __enter__(self) -> "Lock":
        self._file = self.path.open("a+")
        deadline = time.monotonic() + _LEFTOVERS_SECONDS
        while not self._taken():
            holder = self._holder()
            if _lives(holder) or time.monotonic() > deadline:
                raise WrongSetting(f"Steveslist is already running on {self.path.parent.parent} (process {holder}).")
            time.sleep(0.1)
        self._file.truncate(0)
        self._file.write(str(os.getpid()))
        self._file.flush()
        return self

    def __exit__(self, *_error: object) -> None:
        assert self._file is not None
        self._file.close()

    def fileno(self) -> int:
        assert self._file is not None
        return self._file.fileno()

    def _taken(self) -> bool:
        try:
            fcntl.flock(self.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _holder(self) -> int:
        assert self._file is not None
        self._file.seek(0)
        text = self._file.read().strip()
        return int(text) if text.isdigit() else 0


def _lives(pid: int) -> bool:
    return pid > 0 and Path(f"/proc/{pid}").exists()


class _Stop(threading.Event):
    """Set by the first signal; the second one says that it should be at once."""

    hurry = False

    def on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self.hurry = self.is_set()
        self.set()


def run(settings: Settings, environ: Mapping[str, str]) -> int:
    """Run the site until SIGINT, SIGTERM or SIGHUP; returns the exit status. Raises WrongSetting if it cannot start."""
    # What was loaded to get here stays until the end, where collecting it kept Ctrl-C waiting after all had stopped.
    gc.freeze()
    stop = _Stop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop.on_signal)
    with Lock(settings.var / "run" / "runner.lock") as lock:
        refuse_unusable(settings)
        if settings.redis_url != embedded_redis_url(settings):
            refuse_absent_redis(settings.redis_url)
        with Warden(keeps_open=lock.fileno()) as warden:
            processes = [Process(service, environ, ROOT, warden) for service in services(settings)]
            return _supervise(processes, settings, stop)


def _supervise(processes: list[Process], settings: Settings, stop: _Stop) -> int:
    try:
        for process in processes:
            process.start()
            if not _wait_ready(process, stop):
                return 0 if stop.is_set() else 1
        _greet(settings)
        while not stop.wait(_TEND_SECONDS):
            for process in processes:
                if happened := process.tend():
                    log.warning(happened)
        return 0
    finally:
        _stop_all(processes, stop)


def _wait_ready(process: Process, stop: threading.Event) -> bool:
    deadline = time.monotonic() + _READY_SECONDS
    while not process.service.ready():
        if stop.is_set():
            return False
        if not process.alive or time.monotonic() > deadline:
            log.error("%s did not start; its own words are %s", process.service.name, process.service.words)
            return False
        stop.wait(0.02)
    return not stop.is_set()


def _stop_all(processes: list[Process], stop: _Stop) -> None:
    """In reverse, so that nobody loses what he depends on; the first one, the queue, goes last and alone."""
    first, others = processes[:1], processes[1:]
    for group in (others, first):
        for process in reversed(group):
            process.ask_to_stop()
        started = time.monotonic()
        for process in reversed(group):
            process.await_end(started + _SILENT_SECONDS, lambda: stop.hurry)
            if process.alive and process.service.stop_seconds > 20 and not stop.hurry:
                _say(f"Waiting for {process.service.name} to end its job; Ctrl-C again ends it at once.")
            process.wait_stopped(started + process.service.stop_seconds, lambda: stop.hurry)


def _greet(settings: Settings) -> None:
    _say(f"{settings.site_name} is at {settings.public_url}")
    if settings.mail_url.startswith("maildir:"):
        _say(f"Mail is kept in {settings.mail_url.removeprefix('maildir:')}")
    _say("Demo data: python3 run.py demo (in another terminal)")
    _say("Stop with Ctrl-C.")


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
