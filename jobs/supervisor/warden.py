"""Ends what a killed runner leaves behind. Started with the read end of a pipe that only the runner can write to: each
line is `+PID` or `-PID` for a session that began or ended. When the pipe closes, whatever session still lives gets a
few seconds to end by itself and is then killed. Standard library only, so that it stays small and starts at once.
"""

import contextlib
import os
import signal
import sys
import time
from collections.abc import Iterable
from pathlib import Path

GRACE_SECONDS = 6.0


def session_members(sessions: Iterable[int]) -> list[int]:
    """Every living process of these sessions; a job's child has a process group of its own, so killpg would miss it."""
    wanted, members = set(sessions), []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError, ValueError, IndexError):
                state, _, _, session, *_ = (entry / "stat").read_text().rpartition(")")[2].split()
                if int(session) in wanted and state != "Z":
                    members.append(int(entry.name))
    return members


def end_sessions(sessions: Iterable[int], number: int = signal.SIGKILL) -> None:
    """Send a signal to every process of these sessions."""
    for pid in session_members(sessions):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


def main() -> None:
    """Read until the runner is gone, then clean up."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    sessions: set[int] = set()
    for line in sys.stdin:
        (sessions.add if line[0] == "+" else sessions.discard)(int(line[1:]))
    for leader in sessions:
        with contextlib.suppress(ProcessLookupError):
            os.kill(leader, signal.SIGTERM)
    deadline = time.monotonic() + GRACE_SECONDS
    while session_members(sessions) and time.monotonic() < deadline:
        time.sleep(0.05)
    end_sessions(sessions)


if __name__ == "__main__":
    main()
