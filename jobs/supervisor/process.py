"""One supervised process: a session of its own, started again with growing pauses when it dies, ended whole."""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType

from jobs.supervisor import warden
from jobs.supervisor.services import Service

# The longest leaves a job of a worker that is killed again and again time to start within 30 seconds of each death.
_SHORTEST_PAUSE, _LONGEST_PAUSE = 0.5, 10.0
# After so long a run the next death is a new story.
_GOOD_RUN = 60.0


class Warden:
    """The runner's side of the warden: what it is told survives the runner."""

    def __init__(self, keeps_open: int) -> None:
        """`keeps_open` is the descriptor of the runner's lock: it is given back when the last process is gone."""
        self.keeps_open = keeps_open

    def __enter__(self) -> "Warden":
        command = (sys.executable, "-I", warden.__file__)
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, start_new_session=True, pass_fds=[self.keeps_open], text=True
        )
        return self

    def __exit__(self, *_error: type[BaseException] | BaseException | TracebackType | None) -> None:
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        self._process.wait()

    def began(self, session: int) -> None:
        self._tell(f"+{session}\n")

    def ended(self, session: int) -> None:
        self._tell(f"-{session}\n")

    def _tell(self, line: str) -> None:
        assert self._process.stdin is not None
        # Should somebody have killed the warden, the site goes on without it.
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(line)
            self._process.stdin.flush()


class Process:
    """Starts a service, and starts it again when it dies."""

    def __init__(
        self,
        service: Service,
        environ: Mapping[str, str],
        cwd: Path,
        warden: Warden,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.service, self.environ, self.cwd = service, environ, cwd
        self.warden, self.clock = warden, clock
        self.running: subprocess.Popen[bytes] | None = None
        self.started_at = self.start_after = 0.0
        self.pause = _SHORTEST_PAUSE

    def start(self) -> None:
        """Start it now, in a session of its own so that a terminal's Ctrl-C reaches only the runner."""
        self.service.prepare()
        self.started_at = self.clock()
        self.running = subprocess.Popen(
            self.service.command, cwd=self.cwd, env=dict(self.environ), stdin=subprocess.DEVNULL, start_new_session=True
        )
        self.warden.began(self.running.pid)

    @property
    def alive(self) -> bool:
        return self.running is not None and self.running.poll() is None

    def tend(self) -> str | None:
        """Restart when it is due; returns words about what happened, if anything."""
        if self.running is None:
            if self.clock() >= self.start_after:
                self.start()
            return None
        status = self.running.poll()
        if status is None:
            return None
        # What it left behind in its session (a web worker, a job's child) would collide with the next one.
        self._end_session()
        if self.clock() - self.started_at > _GOOD_RUN:
            self.pause = _SHORTEST_PAUSE
        pause, self.pause = self.pause, min(self.pause * 2, _LONGEST_PAUSE)
        self.start_after = self.clock() + pause
        return f"{self.service.name} ended with status {status}; starting it again in {pause:g} s"

    def ask_to_stop(self) -> None:
        """SIGTERM to the leader only: it decides what its own children should finish."""
        if self.running is not None and self.alive:
            self.running.terminate()

    def await_end(self, deadline: float, hurry: Callable[[], bool]) -> None:
        """Wait until it has ended, or until the deadline or a hurry."""
        while self.alive and self.clock() < deadline and not hurry():
            time.sleep(0.02)

    def wait_stopped(self, deadline: float, hurry: Callable[[], bool]) -> None:
        """Wait for the end; past the deadline, or in a hurry, end the whole session."""
        self.await_end(deadline, hurry)
        if self.running is not None:
            self._end_session()

    def _end_session(self) -> None:
        assert self.running is not None
        session = self.running.pid
        # `poll` may have reaped the leader; while one of its session lives, the kernel gives its number to nobody else.
        while left := warden.session_members([session]):
            for pid in left:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, 9)
        self.running.wait()
        self.warden.ended(session)
        self.running = None
