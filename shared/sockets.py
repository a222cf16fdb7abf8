"""Addresses on this machine as settings name them: HOST:PORT, or unix:PATH for a socket in the file system."""

import ipaddress
import os
import socket
from urllib.parse import urlsplit

UNIX = "unix:"
# What the kernel takes (sun_path, with its NUL).
LONGEST_PATH = 107


def parts(bind: str) -> tuple[str, int]:
    """Host and port of a HOST:PORT address."""
    split = urlsplit(f"//{bind}")
    return split.hostname or "127.0.0.1", split.port or 0


def path(bind: str) -> str | None:
    """The path of a unix:PATH address; None for the others."""
    return bind.removeprefix(UNIX) if bind.startswith(UNIX) else None


def connect(bind: str, timeout: float) -> socket.socket:
    """A connection to what listens there; OSError when nothing does. `timeout` in seconds holds for its use as well."""
    file = path(bind)
    if file is None:
        return socket.create_connection(parts(bind), timeout=timeout)
    connection = socket.socket(socket.AF_UNIX)
    try:
        connection.settimeout(timeout)
        connection.connect(file)
    except OSError:
        connection.close()
        raise
    return connection


def is_local(bind: str) -> bool:
    """Whether only this machine can connect there."""
    if path(bind) is not None:
        return True
    host = parts(bind)[0]
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def fits(bind: str) -> bool:
    """Whether the kernel takes the path of a unix:PATH address."""
    file = path(bind)
    return file is None or len(os.fsencode(file)) <= LONGEST_PATH
