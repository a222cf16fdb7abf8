"""A copy of the tree as `git clone` leaves it, the command in it, and what it started."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from jobs import bootstrap

ROOT = bootstrap.ROOT
# The Python that a newcomer types: not the environment's own.
BARE_PYTHON = getattr(sys, "_base_executable", sys.executable)
_PARTS = ("run.py", "wsgi.py", "requirements.txt", "requirements-dev.txt", "shared", "public_app", "admin_app", "jobs")
_PARTS += ("templates", "static")
SECONDS = 30.0


def copy_tree(target: Path) -> Path:
    """The product's files, without anything that a run leaves."""
    target.mkdir(parents=True, exist_ok=True)
    for part in _PARTS:
        if (source := ROOT / part).is_dir():
            shutil.copytree(source, target / part, ignore=shutil.ignore_patterns("__pycache__"))
        elif source.exists():
            shutil.copy(source, target / part)
    return target


def borrow_environment(target: Path) -> Path:
    """This run's own packages as an installed environment, so that no test installs them again."""
    target.mkdir(parents=True)
    for part in ("bin", "lib", "pyvenv.cfg"):
        (target / part).symlink_to(Path(sys.prefix) / part)
    for name in ("requirements.txt", "requirements-dev.txt"):
        (target / f"{name}.stamp").write_text(bootstrap._digest(name))
    return target


@dataclass
class Checkout:
    """A tree with its environment and data; `command` runs a command of it to its end."""

    tree: Path
    var: Path
    environ: dict[str, str] = field(default_factory=dict)

    def argv(self, *words: str) -> list[str]:
        return [BARE_PYTHON, str(self.tree / "run.py"), *words]

    def command(self, *words: str, before: tuple[str, ...] = (), **changes: str) -> "subprocess.CompletedProcess[str]":
        """Run it (behind the words `before`) and wait; its environment has nothing that is not said here."""
        environ = {**self.environ, **changes}
        return subprocess.run(
            [*before, *self.argv(*words)], env=environ, cwd="/", capture_output=True, text=True, timeout=SECONDS * 2
        )

    @property
    def address(self) -> str:
        return self.environ["STEVESLIST_PUBLIC_BIND"]

    @contextlib.contextmanager
    def serving(self, *, wait: bool = True, **changes: str) -> Iterator["Running"]:
        """The site while it runs; whatever happens, nothing of it stays."""
        environ = {**self.environ, **changes}
        words = Path(tempfile.mkstemp(dir=self.var.parent)[1])
        with words.open("w") as output:
            process = subprocess.Popen(
                self.argv(),
                env=environ,
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                process_group=0,
            )
        running = Running(process, environ["HOME"], environ.get("STEVESLIST_PUBLIC_BIND", ""), words)
        try:
            if wait:
                until(running.greeted, "the site is up")
            yield running
        finally:
            for pid in [process.pid, *running.pids()]:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            process.wait()


@dataclass
class Running:
    """A started site, seen from outside."""

    process: "subprocess.Popen[bytes]"
    home: str
    address: str
    words: Path

    @property
    def said(self) -> str:
        """What it has written so far."""
        return self.words.read_text()

    def greeted(self) -> bool:
        """Whether everything was started; fails when it has ended instead."""
        assert self.process.poll() is None, self.said
        return "Stop with Ctrl-C" in self.said

    def answers(self) -> bool:
        assert self.process.poll() is None, self.said
        return answers(self.address)

    def pids(self, *words: str) -> set[int]:
        """Every process of this site, found by its home, whose command line has all the words in it."""
        found = set()
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                with contextlib.suppress(OSError):
                    environ = (entry / "environ").read_bytes().split(b"\0")
                    command = (entry / "cmdline").read_bytes().decode(errors="replace")
                    if f"HOME={self.home}".encode() in environ and all(word in command for word in words):
                        found.add(int(entry.name))
        return found

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Signal the runner; its exit status when it has ended by itself."""
        self.process.send_signal(number)
        return self.process.wait(timeout=SECONDS)


def answers(address: str) -> bool:
    """Whether the site there answers a request."""
    try:
        with urllib.request.urlopen(f"http://{address}/healthz", timeout=2) as page:
            return bool(page.status == 200)
    except OSError:
        return False


def until(condition: Callable[[], object], words: str) -> None:
    """Poll until it holds; fails with the words when it does not in good time."""
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain: {words}"
        time.sleep(0.05)
