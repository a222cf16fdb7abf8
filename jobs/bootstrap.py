"""From a bare Python to the house's own: makes `.venv` from the locked requirements, then runs the command in it.

Standard library only, since nothing else is there yet. A second start finds its stamp and touches no network.
Where the packages lie can be moved with STEVESLIST_VENV, in the environment only: the settings are read later.
"""

import base64
import contextlib
import fcntl
import hashlib
import http.client
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn
from urllib.parse import unquote, urljoin, urlsplit

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / os.environ.get("STEVESLIST_VENV", ".venv")
# For a Python without pip and without ensurepip: this one file, checked before it runs.
PIP_WHEEL = "pip-26.3-py3-none-any.whl"
PIP_SHA256 = "f3b60b20ffaadd4415ed7957212a38ac63fa4c5fa375bd0f4a797777940fad13"
DEFAULT_INDEX = "https://pypi.org/simple"
OLDEST_PIP = (22, 3)  # the first with --python
NEEDS_DEVELOPMENT = {"test", "lint", "lock", "bench"}


def main(argv: list[str]) -> NoReturn:
    """Prepare the environment for the command and become it. Ends with a sentence when that cannot be done."""
    python = VENV / "bin" / "python"
    lists = ["requirements.txt"]
    if argv and argv[0] in NEEDS_DEVELOPMENT:
        lists.append("requirements-dev.txt")
    try:
        prepare(python, lists)
    except OSError as error:
        sys.exit(
            f"{VENV} cannot be written: {error.strerror or error}. Steveslist keeps its packages there; "
            "make it writable, or name another directory in STEVESLIST_VENV."
        )
    except KeyboardInterrupt:
        sys.exit(130)
    # Relative paths in the settings are meant from here, wherever the command was given.
    os.chdir(ROOT)
    os.execv(python, [str(python), "-m", "jobs.cli", *argv])


def prepare(python: Path, lists: list[str]) -> None:
    """Install each list of requirements unless its stamp says that exactly this was installed."""
    if _ready(python, lists):
        return
    with _alone():
        # Another first start may have done it while this one waited.
        if _ready(python, lists):
            return
        if not _works(python):
            _make_environment()
        for name in lists:
            if not _stamped(name):
                print(f"Installing the packages of {name} (once, about half a minute) ...", flush=True)
                _install(python, name)


def _ready(python: Path, lists: list[str]) -> bool:
    return python.exists() and all(map(_stamped, lists))


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """One installation at a time; the lock is on the directory itself, so it leaves nothing behind."""
    VENV.parent.mkdir(parents=True, exist_ok=True)
    directory = os.open(VENV.parent, os.O_RDONLY)
    # A pip that outlives a killed run.py keeps the lock until it is done.
    os.set_inheritable(directory, True)
    try:
        fcntl.flock(directory, fcntl.LOCK_EX)
        yield
    finally:
        os.close(directory)


def _make_environment() -> None:
    if VENV.exists():
        shutil.rmtree(VENV)
    VENV.mkdir()
    _run([sys.executable, "-m", "venv", "--without-pip", str(VENV)], "The virtual environment could not be made")


def _stamp(name: str) -> Path:
    return VENV / f"{name}.stamp"


def _digest(name: str) -> str:
    return hashlib.sha256((ROOT / name).read_bytes() + sys.version.encode()).hexdigest()


def _stamped(name: str) -> bool:
    try:
        return _stamp(name).read_text() == _digest(name)
    except OSError:
        return False


def _works(python: Path) -> bool:
    """Whether the environment is whole and of this Python: it breaks when the system's is upgraded."""
    if not python.exists() or _unfinished().exists():
        return False
    version = subprocess.run([python, "-c", "import sys; print(sys.version)"], capture_output=True, text=True)
    return version.stdout.strip() == sys.version


def _unfinished() -> Path:
    """There while packages are being installed. Found later, it tells of one that was cut off half way."""
    return VENV / "unfinished"


def _install(python: Path, name: str) -> None:
    options = ["--require-hashes", "--only-binary", ":all:", "--disable-pip-version-check", "--no-input", "--quiet"]
    _unfinished().touch()
    with tempfile.TemporaryDirectory() as scratch:
        pip = pip_command(Path(scratch))
        _run(
            [*pip, "--python", str(python), "install", *options, "-r", str(ROOT / name)],
            f"The packages of {name} could not be installed; is there a network, and room on the disk?",
        )
    _stamp(name).write_text(_digest(name))
    _unfinished().unlink()


def pip_command(scratch: Path) -> list[str]:
    """A pip that can install into another environment: this Python's own, ensurepip's, or the pinned wheel."""
    own = [sys.executable, "-m", "pip"]
    if _pip_version(own) >= OLDEST_PIP:
        return own
    if importlib.util.find_spec("ensurepip") is not None:
        target = scratch / "pip"
        made = subprocess.run([sys.executable, "-m", "venv", str(target)], capture_output=True)
        bundled = [str(target / "bin" / "python"), "-m", "pip"]
        if made.returncode == 0 and _pip_version(bundled) >= OLDEST_PIP:
            return bundled
    wheel = scratch / PIP_WHEEL
    wheel.write_bytes(fetch_pip(os.environ.get("PIP_INDEX_URL") or DEFAULT_INDEX))
    return [sys.executable, f"{wheel}/pip"]


def _pip_version(pip: list[str]) -> tuple[int, ...]:
    found = subprocess.run([*pip, "--version"], capture_output=True, text=True)
    version = re.match(r"pip (\d+)\.(\d+)", found.stdout)
    return tuple(map(int, version.groups())) if found.returncode == 0 and version else (0,)


def fetch_pip(index: str) -> bytes:
    """The pinned pip wheel from a package index (JSON or HTML, PEP 691 or 503); stops on any other content.

    A user and password in the index's address go into a header, and never into a message.
    """
    page_url, login = _split_login(f"{index.rstrip('/')}/pip/")
    try:
        with _open(page_url, login) as page:
            address = _wheel_address(page.read().decode(), page.headers.get_content_type(), page_url)
        wheel_url, own_login = _split_login(address)
        same_host = urlsplit(wheel_url).netloc == urlsplit(page_url).netloc
        with _open(wheel_url, own_login or (login if same_host else "")) as answer:
            data: bytes = answer.read()
    except (OSError, ValueError, LookupError, http.client.HTTPException) as error:
        sys.exit(f"pip is not installed and could not be fetched from {page_url}: {getattr(error, 'reason', error)}.")
    if hashlib.sha256(data).hexdigest() != PIP_SHA256:
        sys.exit(f"The pip at {page_url} is not the one expected (its SHA-256 differs); nothing was installed.")
    return data


def _open(url: str, login: str) -> contextlib.AbstractContextManager[http.client.HTTPResponse]:
    request = urllib.request.Request(
        url, headers={"Accept": "application/vnd.pypi.simple.v1+json, text/html;q=0.5, */*;q=0.1"}
    )
    if login:
        # A redirect to another host must not carry it.
        request.add_unredirected_header("Authorization", "Basic " + base64.b64encode(login.encode()).decode())
    answer: http.client.HTTPResponse = urllib.request.urlopen(request, timeout=60)
    return answer


def _split_login(url: str) -> tuple[str, str]:
    """The address without its user:password, and those."""
    parts = urlsplit(url)
    login, _, host = parts.netloc.rpartition("@")
    return parts._replace(netloc=host).geturl(), unquote(login)


def _wheel_address(page: str, media_type: str, page_url: str) -> str:
    addresses: list[str]
    if media_type.endswith("json"):
        addresses = [file["url"] for file in json.loads(page)["files"] if file["filename"] == PIP_WHEEL]
    else:
        addresses = re.findall(r'href="([^"]*/' + re.escape(PIP_WHEEL) + r')(?:#[^"]*)?"', page)
    if not addresses:
        raise ValueError(f"no {PIP_WHEEL} there")
    return urljoin(page_url, addresses[0])


def _run(command: list[str], failure: str) -> None:
    # A user's pip may be set to install elsewhere.
    environ = {**os.environ, "PIP_USER": "0"}
    done = subprocess.run(
        command,
        env=environ,
        close_fds=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    if done.returncode:
        last = [line for line in done.stderr.strip().splitlines() if line.strip()][-3:]
        sys.exit("\n".join([failure, *last]))
