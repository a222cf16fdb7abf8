"""From a bare Python to installed packages, in a small tree of its own with an index on this machine.

Pythons without pip or without ensurepip are made by hiding those modules from a whole one.
"""

import hashlib
import http.server
import json
import os
import signal
import subprocess
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from jobs import bootstrap
from tests.runner.checkout import BARE_PYTHON, ROOT, until

_HIDING = """
import sys
from importlib.machinery import PathFinder

class Hiding(PathFinder):
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        spec = super().find_spec(name, path, target)
        # A wheel that is run as a program keeps its own.
        hidden = name in {names!r} and spec and ".whl" not in (spec.origin or "")
        return None if hidden else spec

# Only the bare Python lacks them, not the environments that it makes.
if sys.prefix == sys.base_prefix:
    sys.meta_path[sys.meta_path.index(PathFinder)] = Hiding
"""
_COMMAND = """
import sys
import tiny
print("ran with", tiny.VERSION, sys.argv[1:])
"""


class Index(http.server.ThreadingHTTPServer):
    """A package index: one page for each project, JSON or HTML, and the wheels; remembers who asked for what."""

    def __init__(self, wheels: dict[str, bytes], *, media_type: str = "application/vnd.pypi.simple.v1+json") -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.wheels, self.media_type = wheels, media_type
        self.asked: list[tuple[str, str]] = []
        self.hold = threading.Event()
        self.hold.set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/simple"


class _Answer(http.server.BaseHTTPRequestHandler):
    server: Index

    def do_GET(self) -> None:
        self.server.asked.append((self.path, self.headers.get("Authorization", "")))
        self.server.hold.wait(30)
        name = self.path.rstrip("/").rpartition("/")[2]
        if self.path.startswith("/files/") and name in self.server.wheels:
            self._send(self.server.wheels[name], "application/octet-stream")
        elif self.server.media_type.endswith("json"):
            files = [
                {"filename": wheel, "url": f"/files/{wheel}", "hashes": {"sha256": _sha256(data)}}
                for wheel, data in self.server.wheels.items()
                if wheel.startswith(f"{name}-")
            ]
            self._send(json.dumps({"meta": {"api-version": "1.0"}, "name": name, "files": files}).encode())
        else:
            links = "".join(
                f'<a href="../../files/{w}#sha256={_sha256(d)}">{w}</a>' for w, d in self.server.wheels.items()
            )
            self._send(f"<!DOCTYPE html><html><body>{links}</body></html>".encode())

    def _send(self, body: bytes, media_type: str = "") -> None:
        self.send_response(200)
        self.send_header("Content-Type", media_type or self.server.media_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_words: object) -> None:
        """Nothing on the terminal."""


@contextmanager
def serving(index: Index) -> Iterator[Index]:
    threading.Thread(target=index.serve_forever, daemon=True).start()
    try:
        yield index
    finally:
        index.hold.set()
        index.shutdown()
        index.server_close()


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """A package of one line, and the pip that these tests run with, as wheels."""
    folder = tmp_path_factory.mktemp("wheels")
    tiny = folder / "tiny-1.0-py3-none-any.whl"
    with zipfile.ZipFile(tiny, "w") as archive:
        archive.writestr("tiny.py", "VERSION = '1.0'\n")
        archive.writestr("tiny-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n")
        archive.writestr("tiny-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr("tiny-1.0.dist-info/RECORD", "")
    pip = folder / bootstrap.PIP_WHEEL
    with zipfile.ZipFile(pip, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(_pip_folder().rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                archive.write(path, Path("pip") / path.relative_to(_pip_folder()))
    return {tiny.name: tiny.read_bytes(), pip.name: pip.read_bytes()}


def _pip_folder() -> Path:
    import pip

    return Path(pip.__file__).parent


@pytest.fixture
def tree(tmp_path: Path, wheels: dict[str, bytes]) -> Path:
    """run.py and its bootstrap as they are, with one small requirement and one small command."""
    tree = tmp_path / "tree"
    (tree / "jobs" / "cli").mkdir(parents=True)
    (tree / "run.py").write_text((ROOT / "run.py").read_text())
    (tree / "jobs" / "__init__.py").touch()
    source = (ROOT / "jobs" / "bootstrap.py").read_text()
    assert bootstrap.PIP_SHA256 in source
    pinned = source.replace(bootstrap.PIP_SHA256, _sha256(wheels[bootstrap.PIP_WHEEL]))
    (tree / "jobs" / "bootstrap.py").write_text(pinned)
    (tree / "jobs" / "cli" / "__init__.py").touch()
    (tree / "jobs" / "cli" / "__main__.py").write_text(_COMMAND)
    tiny = _sha256(wheels["tiny-1.0-py3-none-any.whl"])
    (tree / "requirements.txt").write_text(f"tiny==1.0 --hash=sha256:{tiny}\n")
    return tree


@pytest.fixture
def index(wheels: dict[str, bytes]) -> Iterator[Index]:
    with serving(Index(wheels)) as index:
        yield index


def python(tree: Path, index: Index, *, hides: tuple[str, ...] = (), **changes: str) -> "subprocess.Popen[str]":
    """Start run.py with a Python that lacks the modules in `hides`, and has pip otherwise."""
    folder = tree.parent / "path"
    folder.mkdir(exist_ok=True)
    (folder / "sitecustomize.py").write_text(_HIDING.replace("{names!r}", repr(hides)))
    if "pip" not in hides and not (folder / "pip").exists():
        (folder / "pip").symlink_to(_pip_folder())
    environ = {"HOME": str(tree.parent), "PATH": os.environ["PATH"], "PYTHONPATH": str(folder)}
    environ |= {"PIP_INDEX_URL": index.url, "PIP_CONFIG_FILE": os.devnull, **changes}
    command = [BARE_PYTHON, str(tree / "run.py"), "hello"]
    return subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def outcome(process: "subprocess.Popen[str]") -> tuple[int, str, str]:
    out, err = process.communicate(timeout=120)
    return process.returncode, out, err


def assert_installed(process: "subprocess.Popen[str]") -> None:
    status, out, err = outcome(process)
    assert (status, err) == (0, "")
    assert out.endswith("ran with 1.0 ['hello']\n")


def test_with_the_pip_of_this_python(tree: Path, index: Index) -> None:
    assert_installed(python(tree, index, hides=("ensurepip",)))


def test_with_the_pip_that_ensurepip_brings(tree: Path, index: Index) -> None:
    assert_installed(python(tree, index, hides=("pip",)))
    assert not [path for path, _ in index.asked if "/pip" in path]


@pytest.mark.parametrize("media_type", ["application/vnd.pypi.simple.v1+json", "text/html"])
def test_with_one_pinned_pip_from_the_index(tree: Path, wheels: dict[str, bytes], media_type: str) -> None:
    with serving(Index(wheels, media_type=media_type)) as index:
        assert_installed(python(tree, index, hides=("pip", "ensurepip")))
    assert [path for path, _ in index.asked if bootstrap.PIP_WHEEL in path]


def test_another_pip_than_the_pinned_one_is_not_run(tree: Path, wheels: dict[str, bytes]) -> None:
    with serving(Index({**wheels, bootstrap.PIP_WHEEL: b"not it"})) as index:
        status, _, err = outcome(python(tree, index, hides=("pip", "ensurepip")))
    assert status == 1
    assert "SHA-256 differs" in err


def test_login_of_the_index_is_used_and_never_shown(tree: Path, index: Index) -> None:
    with_login = index.url.replace("//", "//me:hunter2@")
    assert_installed(python(tree, index, hides=("pip", "ensurepip"), PIP_INDEX_URL=with_login))
    assert {login for _, login in index.asked} == {"Basic bWU6aHVudGVyMg=="}
    unreachable = "http://me:hunter2@127.0.0.1:9/simple"
    (tree / "requirements.txt").write_text("tiny==1.0 --hash=sha256:" + "0" * 64)
    for hides in (("pip", "ensurepip"), ("ensurepip",)):
        status, out, err = outcome(python(tree, index, hides=hides, PIP_INDEX_URL=unreachable, PIP_RETRIES="0"))
        assert status == 1
        assert "hunter2" not in out + err


def test_package_with_another_content_is_not_installed(tree: Path, index: Index) -> None:
    index.wheels = {**index.wheels, "tiny-1.0-py3-none-any.whl": b"something else"}
    status, _, err = outcome(python(tree, index, hides=("ensurepip",)))
    assert status == 1
    assert "could not be installed" in err


def test_second_start_asks_nobody(tree: Path, index: Index) -> None:
    assert_installed(python(tree, index))
    before = len(index.asked)
    assert_installed(python(tree, index, hides=("pip", "ensurepip")))
    assert len(index.asked) == before


def test_changed_requirements_are_installed(tree: Path, index: Index) -> None:
    assert_installed(python(tree, index))
    with (tree / "requirements.txt").open("a") as file:
        file.write("# changed\n")
    assert "Installing the packages of requirements.txt" in outcome(python(tree, index))[1]
    assert "Installing" not in outcome(python(tree, index))[1]


def test_two_first_starts_at_once_make_one_environment(tree: Path, index: Index) -> None:
    both = [python(tree, index) for _ in range(2)]
    outputs = [outcome(each) for each in both]
    assert [status for status, _, _ in outputs] == [0, 0], outputs
    assert "".join(out for _, out, _ in outputs).count("Installing") == 1


def test_an_installation_cut_off_half_way_is_made_anew(tree: Path, index: Index) -> None:
    index.hold.clear()
    process = python(tree, index)
    until(lambda: index.asked, "pip asks for the package")
    process.kill()
    outcome(process)
    leftover = tree / ".venv" / "leftover"
    leftover.touch()
    index.hold.set()
    assert_installed(python(tree, index))
    assert not leftover.exists()


def test_ctrl_c_while_installing_ends_it_quietly(tree: Path, index: Index) -> None:
    index.hold.clear()
    process = python(tree, index)
    until(lambda: index.asked, "pip asks for the package")
    process.send_signal(signal.SIGINT)
    status, _, err = outcome(process)
    assert status == 130
    assert "Traceback" not in err


def test_environment_of_another_python_is_made_anew(tree: Path, index: Index) -> None:
    assert_installed(python(tree, index))
    interpreter = tree / ".venv" / "bin" / "python"
    interpreter.unlink()
    interpreter.symlink_to("/nonexistent/python3.10")
    assert_installed(python(tree, index))


def test_no_network_is_said_in_words(tree: Path, index: Index) -> None:
    changes = {"PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_RETRIES": "0"}
    status, _, err = outcome(python(tree, index, **changes))
    assert status == 1
    assert "is there a network" in err
    status, _, err = outcome(python(tree, index, hides=("pip", "ensurepip"), **changes))
    assert status == 1
    assert err.startswith("pip is not installed and could not be fetched from http://127.0.0.1:9/simple/pip/")


def test_the_pinned_pip_is_the_locked_one() -> None:
    """The hash in the code is the one that the lock got from the index."""
    version = bootstrap.PIP_WHEEL.split("-")[1]
    lock = (ROOT / "requirements-dev.txt").read_text()
    locked = lock.partition(f"\npip=={version} ")[2].split("\n#")[0].split("    # via")[0]
    assert f"--hash=sha256:{bootstrap.PIP_SHA256}" in locked
