"""Addresses that the site listens on: whether they can be had, and whether what listens there answers."""

import errno
import os
import socket
from pathlib import Path
from urllib.parse import urlsplit

from shared import sockets
from shared.config import ROOT, Settings, WrongSetting
from shared.queues import RedisError, connect


def refuse_unusable(settings: Settings) -> None:
    """Stop before anything starts when an address of ours cannot be listened on."""
    binds = {"PUBLIC_BIND": settings.public_bind}
    if settings.streams:
        binds["STREAMS_BIND"] = settings.streams_bind
    if settings.lmtp_bind:
        binds["LMTP_BIND"] = settings.lmtp_bind
    if (ROOT / "admin_app").is_dir():
        binds["STAFF_BIND"] = settings.staff_bind
    for field, bind in binds.items():
        if sockets.path(bind) is None and (problem := _problem(bind)):
            raise WrongSetting(f"{bind} {problem}. Set STEVESLIST_{field} to another HOST:PORT.")


def refuse_absent_redis(url: str) -> None:
    """Stop before anything starts when a Redis that is not ours does not answer."""
    try:
        connect(url).ping()
    except (RedisError, ValueError) as error:
        host = urlsplit(url).hostname or "this machine"
        raise WrongSetting(
            f"Redis on {host} does not answer ({type(error).__name__}). Start it, or correct STEVESLIST_REDIS_URL."
        ) from None


def _problem(bind: str) -> str:
    """Words about why nothing can listen there, or nothing."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(*sockets.parts(bind), type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            return "is in use by another program"
        if error.errno == errno.EACCES:
            return "is kept for the system's administrator"
        return f"cannot be listened on ({error.strerror})"
    return ""


def accepts(bind: str) -> bool:
    """Whether something accepts connections there."""
    try:
        with sockets.connect(bind, 0.5):
            return True
    except OSError:
        return False


def serves_http(bind: str, seconds: float = 2.0) -> bool:
    """Whether a request is answered there: a server can accept connections long before its workers are up."""
    try:
        with sockets.connect(bind, seconds) as probe:
            probe.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            return probe.recv(5) == b"HTTP/"
    except OSError:
        return False


def redis_answers(path: Path) -> bool:
    """Whether the server on this UNIX socket has loaded its data and answers."""
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(0.5)
        try:
            probe.connect(os.fspath(path))
            probe.sendall(b"PING\r\n")
            return probe.recv(5) == b"+PONG"
        except OSError:
            return False
