"""The real site for tests: the supervisor and all its processes on free ports over a var/ of their own.

Visitors come from networks of their own by X-Forwarded-For, as behind a proxy, so that throttles see different people.
"""

import contextlib
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree
from typing import TypeVar

import pymysql
import pytest

from jobs.cli.demo import PASSWORD
from shared.config import ROOT
from shared.gateways.mail import MaildirMailer, StoredMail, mailer
from tests import servers

T = TypeVar("T")
USERS, LISTINGS = 30, 400
DATABASES = ("directory", "u1", "u2", "c1")
_START_SECONDS = 90
_STOP_SECONDS = 30


@dataclass
class Site:
    """A running site. `said` is the file with everything that its processes wrote to the terminal."""

    url: str
    var: Path
    said: Path
    environ: dict[str, str]
    process: "subprocess.Popen[bytes]"

    def command(self, *words: str) -> str:
        """Run an operator's command against this site; returns what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", "jobs.cli", *words], cwd=ROOT, env=self.environ, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr + done.stdout
        return done.stdout

    @property
    def maildir(self) -> MaildirMailer:
        found = mailer(f"maildir:{self.var}/mail", "noreply@localhost")
        assert isinstance(found, MaildirMailer)
        return found

    def mail(self, to: str, containing: str, seconds: float = 20) -> StoredMail:
        """The newest mail to an address whose text has these words; waits until it is there."""
        return eventually(lambda: self._newest(to, containing), f"a mail to {to} with {containing!r}", seconds)

    def mailed_link(self, to: str, path: str, seconds: float = 20) -> str:
        """The newest link to a page under `path` that was mailed to `to`, as a path of this site."""
        pattern = re.compile(re.escape(self.url) + rf"({re.escape(path)}\S+)")
        found = pattern.search(self.mail(to, self.url + path, seconds).text)
        assert found
        return found[1]

    def _newest(self, to: str, containing: str) -> StoredMail | None:
        return next((m for m in self.maildir.messages(500) if m.to == to and containing in m.text), None)


@contextlib.contextmanager
def running_site(database: str) -> Iterator[Site]:
    """A site with a small demo town on SQLite or on MariaDB; skips where the server program is missing."""
    with contextlib.ExitStack() as stack:
        # Valkey's socket lies in it, and a socket path has at most 107 bytes.
        home = Path(tempfile.mkdtemp(prefix="sl-site-"))
        stack.callback(rmtree, home, ignore_errors=True)
        environ = _environ(home / "var") | (on_mariadb(stack) if database == "mariadb" else {})
        site = stack.enter_context(_serving(home, environ))
        site.command("demo", "--users", str(USERS), "--listings", str(LISTINGS), "--pictures", "1")
        yield site


def demo_person(number: int) -> tuple[str, str]:
    """The address and the password of one of the demo's people, counted from 1 to USERS."""
    return f"demo-1-{number}@example.org", PASSWORD


def eventually(probe: Callable[[], T | None], what: str, seconds: float = 20) -> T:
    """Ask again and again until there is an answer other than None; fails after `seconds`."""
    deadline = time.monotonic() + seconds
    while (found := probe()) is None:
        assert time.monotonic() < deadline, f"there was no {what} within {seconds} s"
        time.sleep(0.05)
    return found


def _environ(var: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("STEVESLIST_", "REDIS_"))}
    public, staff = free_ports(2)
    return kept | {
        "STEVESLIST_VAR": str(var),
        "STEVESLIST_PUBLIC_BIND": f"127.0.0.1:{public}",
        "STEVESLIST_STAFF_BIND": f"127.0.0.1:{staff}",
        "STEVESLIST_BCRYPT_COST": "4",
        "STEVESLIST_TRUSTED_PROXIES": "1",
        "STEVESLIST_WEBHOOK_LOOPBACK": "yes",
        "STEVESLIST_WEB_WORKERS": "1",
        "STEVESLIST_WEB_THREADS": "4",
        "STEVESLIST_LOG_FORMAT": "json",
    }


def on_mariadb(stack: contextlib.ExitStack) -> dict[str, str]:
    """The settings of empty databases on a MariaDB of their own; skips where the server program is missing."""
    try:
        socket_path = stack.enter_context(servers.mariadb())
    except servers.MissingServer as missing:
        pytest.skip(f"needs {missing}")
    with pymysql.connect(unix_socket=socket_path, user="root", ssl_disabled=True) as connection:
        for name in DATABASES:
            connection.cursor().execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb4 COLLATE utf8mb4_bin")
    urls = {name: f"mysql+pymysql://root@localhost/{name}?unix_socket={socket_path}" for name in DATABASES}
    shards = " ".join(f"{name}={urls[name]}" for name in DATABASES[1:])
    return {"STEVESLIST_DIRECTORY_URL": urls["directory"], "STEVESLIST_SHARDS": shards}


@contextlib.contextmanager
def _serving(home: Path, environ: dict[str, str]) -> Iterator[Site]:
    said = home / "said"
    with said.open("wb") as file:
        process = subprocess.Popen([sys.executable, "-m", "jobs.cli"], cwd=ROOT, env=environ, stdout=file, stderr=file)
    site = Site(f"http://{environ['STEVESLIST_PUBLIC_BIND']}", home / "var", said, environ, process)
    try:
        _wait_until_ready(site)
        yield site
    finally:
        process.terminate()
        try:
            process.wait(_STOP_SECONDS)
        finally:
            process.kill()
            process.wait()


def _wait_until_ready(site: Site) -> None:
    def answer() -> bool | None:
        assert site.process.poll() is None, f"the site ended by itself:\n{site.said.read_text()}"
        try:
            with urllib.request.urlopen(f"{site.url}/readyz", timeout=5) as response:
                return bool(json.load(response)["ready"]) or None
        except (urllib.error.URLError, OSError):
            return None

    try:
        eventually(answer, "ready site", _START_SECONDS)
    except AssertionError as error:
        raise AssertionError(f"{error}; the site said:\n{site.said.read_text()}") from None


def free_ports(count: int) -> list[int]:
    """Ports of the loopback interface that nothing listens on."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [int(each.getsockname()[1]) for each in sockets]
