"""A whole site in a temporary folder, started by the one command, seen and killed from outside."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, select

from jobs.setup import prepare
from jobs.timetable import TIMETABLE
from shared import accounts, clock, scheduling, sharding, webhooks
from shared.config import PREFIX, ROOT, Settings, WrongSetting
from shared.errors import MarketError
from shared.events import EventRow

_START_SECONDS, _STOP_SECONDS = 120.0, 60.0
_AWAY_SECONDS = 8 * 86_400
_GREETING = "Stop with Ctrl-C"
STEPS = Path("run", "steps")


class DidNotStart(MarketError):
    """The site did not come up; the message has its last words."""

    code = "did_not_start"


@dataclass(frozen=True)
class Site:
    """A running site; `settings` are in force in this process too, so that rooms can be used directly."""

    settings: Settings
    process: "subprocess.Popen[bytes]"

    def pids(self, *words: str) -> list[int]:
        """The processes of this site whose command line has all the words, the oldest first."""
        mine = f"{PREFIX}VAR={self.settings.var}".encode()
        found = []
        for entry in Path("/proc").iterdir():
            with contextlib.suppress(OSError):
                if entry.name.isdigit() and mine in (entry / "environ").read_bytes().split(b"\0"):
                    command = (entry / "cmdline").read_bytes().decode(errors="replace")
                    if all(word in command for word in words):
                        found.append(int(entry.name))
        return sorted(found)


@contextlib.contextmanager
def own_site(databases: Mapping[str, str]) -> Iterator[Site]:
    """An installation that runs as a whole and heeds orders to die; stopped at the end.

    It has been away for some days, so that each job of the timetable is overdue.
    """
    with installation(databases) as (settings, environ):
        (settings.var / STEPS).mkdir()
        for schedule in TIMETABLE:
            scheduling.enter(schedule.name, [], skipped=[clock.now() - _AWAY_SECONDS])
        with _running(environ, settings.var / "said") as process:
            yield Site(settings, process)


@contextlib.contextmanager
def installation(databases: Mapping[str, str]) -> Iterator[tuple[Settings, dict[str, str]]]:
    """Settings and environment of a migrated site in a temporary folder, in force in this process; nothing runs.

    `databases` may hold other database settings than the embedded ones. Everything else is removed at the end, also
    when SIGTERM ends this process.
    """
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    # Sockets lie in it, and their names have at most 107 bytes.
    home = Path(tempfile.mkdtemp(prefix="sl-own-"))
    try:
        environ = _environ(home / "var", databases)
        settings = prepare(environ, say=lambda _words: None)
        _refuse_others(settings, environ)
        _refuse_used()
        accounts.configure(settings)
        webhooks.configure(settings)
        yield settings, environ
        sharding.current().dispose()
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _environ(var: Path, databases: Mapping[str, str]) -> dict[str, str]:
    """Everything that a site keeps or listens on, said outright: a settings.env must not lead us to a real one."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith((PREFIX, "REDIS_"))}
    shards = " ".join(f"{name}=sqlite:///{var}/db/{name}.sqlite" for name in ("u1", "u2", "c1"))
    values = {
        "VAR": str(var),
        "DIRECTORY_URL": f"sqlite:///{var}/db/directory.sqlite",
        "SHARDS": shards,
        "REDIS_URL": f"unix://{var}/redis/redis.sock",
        "MAIL_URL": f"maildir:{var}/mail",
        "BLOB_URL": f"file:{var}/blobs",
        "PUBLIC_BIND": f"127.0.0.1:{_free_port()}",
        "STAFF_BIND": f"127.0.0.1:{_free_port()}",
        "WEB_WORKERS": "1",
        "WEBHOOK_LOOPBACK": "yes",
        "ALLOCATION": "random",
        "LOG_FORMAT": "text",
        **databases,
    }
    return kept | {PREFIX + name: value for name, value in values.items()}


def _refuse_others(settings: Settings, environ: Mapping[str, str]) -> None:
    wanted = {name: environ[PREFIX + name.upper()] for name in ("directory_url", "redis_url", "mail_url", "blob_url")}
    shards = " ".join(f"{name}={url}" for name, url in settings.shards.items())
    if shards != environ[f"{PREFIX}SHARDS"] or any(getattr(settings, name) != value for name, value in wanted.items()):
        raise WrongSetting(f"A {PREFIX}..._FILE in settings.env names another site, which this run must not touch.")


def _refuse_used() -> None:
    statement = select(func.count(EventRow.id))
    if sharding.fan_out(statement, keyspace="user", merge=sharding.total):
        raise WrongSetting("These databases have a site's events in them: give empty ones.")


@contextlib.contextmanager
def _running(environ: Mapping[str, str], said: Path) -> Iterator["subprocess.Popen[bytes]"]:
    with said.open("wb") as words:
        process = subprocess.Popen(
            [sys.executable, "-m", "jobs.cli"],
            cwd=ROOT,
            env=dict(environ),
            stdin=subprocess.DEVNULL,
            stdout=words,
            stderr=words,
        )
    try:
        deadline = time.monotonic() + _START_SECONDS
        while _GREETING not in said.read_text(errors="replace"):
            if process.poll() is not None or time.monotonic() > deadline:
                raise DidNotStart(f"The site did not start:\n{said.read_text(errors='replace')[-2000:]}")
            time.sleep(0.1)
        yield process
    finally:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_STOP_SECONDS)
        process.kill()  # its warden ends the rest
        process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
