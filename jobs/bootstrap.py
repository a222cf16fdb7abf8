"""From a bare Python to the house's own: makes `.venv` from the locked requirements, then runs the command in it.

Standard library only, since nothing else is there yet. A second start finds its stamp and touches no network.
"""

import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from pathlib import Path
from typing import NoReturn
from urllib.parse import urljoin

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
# For a Python without pip and without ensurepip: this one file, checked before it runs.
PIP_WHEEL = "pip-26.3-py3-none-any.whl"
PIP_SHA256 = "f3b60b20ffaadd4415ed7957212a38ac63fa4c5fa375bd0f4a797777940fad13"
DEFAULT_INDEX = "https://pypi.org/simple"
OLDEST_PIP = (22, 3)  # the first with --python
_NEEDS_DEVELOPMENT = {"test", "lint", "lock", "bench"}


def main(argv: list[str]) -> NoReturn:
    """Prepare the environment for the command and become it. Ends with a sentence when that cannot be done."""
    python = VENV / "bin" / "python"
    lists = ["requirements.txt"]
    if argv and argv[0] in _NEEDS_DEVELOPMENT:
        lists.append("requirements-dev.txt")
    try:
        prepare(python, lists)
    except OSError as error:
        sys.exit(f"{VENV} cannot be written: {error.strerror or error}. Steveslist keeps its packages there.")
    os.chdir(ROOT)
    os.execv(python, [str(python), "-m", "jobs.cli", *argv])


def prepare(python: Path, lists: list[str]) -> None:
    """Install each list of requirements unless its stamp says that exactly this was installed."""
    missing = [name for name in lists if not _stamped(name)]
    if python.exists() and not missing:
        return
    if not _works(python):
        shutil.rmtree(VENV, ignore_errors=True)
        missing = lists
        _run([sys.executable, "-m", "venv", "--without-pip", str(VENV)], "The virtual environment could not be made")
    for name in missing:
        print(f"Installing the packages of {name} (once, about half a minute) ...", flush=True)
        _install(python, name)
        _stamp(name).write_text(_digest(name))


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
    """Whether the environment's Python is there and is this Python: it breaks when the system's is upgraded."""
    if not python.exists():
        return False
    version = subprocess.run([python, "-c", "import sys; print(sys.version)"], capture_output=True, text=True)
    return version.stdout.strip() == sys.version


def _install(python: Path, name: str) -> None:
    options = ["--require-hashes", "--only-binary", ":all:", "--disable-pip-version-check", "--no-input", "--quiet"]
    with tempfile.TemporaryDirectory() as scratch:
        pip = pip_command(Path(scratch))
        _run(
            [*pip, "--python", str(python), "install", *options, "-r", str(ROOT / name)],
            f"The packages of {name} could not be installed; is there a network, and room on the disk?",
        )


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
    """The pinned pip wheel from a package index (JSON or HTML, PEP 691 or 503); stops on any other content."""
    page_url = f"{index.rstrip('/')}/pip/"
    try:
        accept = "application/vnd.pypi.simple.v1+json, text/html;q=0.5"
        with urllib.request.urlopen(urllib.request.Request(page_url, headers={"Accept": accept}), timeout=30) as page:
            address = _wheel_address(page.read().decode(), page.headers.get_content_type(), page_url)
        with urllib.request.urlopen(address, timeout=60) as answer:
            data: bytes = answer.read()
    except (urllib.error.URLError, TimeoutError, ValueError) as error:
        sys.exit(f"pip is not installed and could not be fetched from {page_url}: {getattr(error, 'reason', error)}.")
    if hashlib.sha256(data).hexdigest() != PIP_SHA256:
        sys.exit(f"The pip that {page_url} offers is not the one expected (its SHA-256 differs); nothing was installed.")
    return data


def _wheel_address(page: str, media_type: str, page_url: str) -> str:
    if media_type.endswith("json"):
        addresses = [file["url"] for file in json.loads(page)["files"] if file["filename"] == PIP_WHEEL]
    else:
        addresses = re.findall(r'href="([^"]*/' + re.escape(PIP_WHEEL) + r')(?:#[^"]*)?"', page)
    if not addresses:
        raise ValueError(f"no {PIP_WHEEL} there")
    return urljoin(page_url, addresses[0])


def _run(command: list[str], failure: str) -> None:
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    if done.returncode:
        last = [line for line in done.stderr.strip().splitlines() if line.strip()][-3:]
        sys.exit("\n".join([failure, *last]))
