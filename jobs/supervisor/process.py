"""One supervised process: a session of its own, which dies with the runner and is ended whole."""

import contextlib
import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

from jobs.supervisor.services import Service

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True)
_SHORTEST_PAUSE, _LONGEST_PAUSE = 0.5, 30.0
_GOOD_RUN = 60.0


class Process:
    """Starts a service, and starts it again with growing pauses when it dies."""

    def __init__(self, service: Service, environ: Mapping[str, str], cwd: Path) -> None:
        self.service, self.environ, self.cwd = service, environ, cwd
        self.running: subprocess.Popen[bytes] | None = None
        self.started_at = self.start_after = 0.0
        self.pause = _SHORTEST_PAUSE

    def start(self) -> None:
        """Start it now, in a session of its own so that a terminal's Ctrl-C reaches only the runner."""
        self.started_at = time.monotonic()
        self.running = subprocess.Popen(
            self.service.command,
            cwd=self.cwd,
            env=dict(self.environ),
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=_die_with_parent,
        )

    @property
    def alive(self) -> bool:
        return self.running is not None and self.running.poll() is None

    def tend(self) -> str | None:
        """Restart when it is due; returns words about what happened, if anything."""
        if self.running is None:
            if time.monotonic() >= self.start_after:
                self.start()
            return None
        status = self.running.poll()
        if status is None:
            return None
        # What it left behind in its session (a web worker, a job's child) would collide with the next one.
        self._end_session()
        self.running = None
        self.pause = _SHORTEST_PAUSE if time.monotonic() - self.started_at > _GOOD_RUN else min(self.pause * 2, _LONGEST_PAUSE)
        self.start_after = time.monotonic() + self.pause
        return f"{self.service.name} ended with status {status}; starting it again in {self.pause:.0f} s"

    def ask_to_stop(self) -> None:
        """SIGTERM to the leader only: it decides what its own children should finish."""
        if self.alive:
            assert self.running is not None
            self.running.terminate()

    def wait_stopped(self, seconds: float) -> None:
        """Wait for the end; past `seconds` end the whole session."""
        if self.running is None:
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.running.wait(timeout=max(0.0, seconds))
        self._end_session()
        self.running.wait()

    def _end_session(self) -> None:
        assert self.running is not None
        for pid in _session_members(self.running.pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def _session_members(session: int) -> list[int]:
    """Every process of a session; a job's child has a process group of its own, so killpg would miss it."""
    members = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError, ValueError, IndexError):
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
                if int(fields[3]) == session:
                    members.append(int(entry.name))
    return members


def _die_with_parent() -> None:
    # The kernel then stops this process even when the runner is killed and can stop nobody.
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
