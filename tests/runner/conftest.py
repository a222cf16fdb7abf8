"""One migrated `var/` and one borrowed environment for the run; a fresh copy of the first for each test."""

import os
import shutil
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.runner.checkout import Checkout, borrow_environment, copy_tree


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # Whole sites: side by side they would only wait for one another.
    for item in items:
        if "/runner/" in str(item.path):
            item.add_marker(pytest.mark.xdist_group("bootstrap" if "bootstrap" in item.path.name else "runner"))


@pytest.fixture(scope="session")
def home() -> Iterator[Path]:
    """A folder with a short path: sockets lie in it, and their names have at most 107 bytes."""
    folder = Path(tempfile.mkdtemp(prefix="sl-"))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def tree(home: Path) -> Path:
    return copy_tree(home / "tree")


@pytest.fixture(scope="session")
def environment(home: Path) -> Path:
    return borrow_environment(home / "venv")


@pytest.fixture(scope="session")
def _template(home: Path, tree: Path, environment: Path) -> Path:
    checkout = Checkout(tree, home / "template", _environ(environment, home / "template"))
    done = checkout.command("migrate")
    assert done.returncode == 0, done.stdout + done.stderr
    return checkout.var


@pytest.fixture
def checkout(home: Path, tree: Path, environment: Path, _template: Path) -> Iterator[Checkout]:
    """The tree with a data folder that an earlier start has made, on a free port."""
    var = Path(tempfile.mkdtemp(prefix="v", dir=home)) / "var"
    shutil.copytree(_template, var)
    yield Checkout(tree, var, _environ(environment, var))
    shutil.rmtree(var.parent, ignore_errors=True)


def _environ(environment: Path, var: Path) -> dict[str, str]:
    return {
        "HOME": str(var.parent),
        "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
        "STEVESLIST_VENV": str(environment),
        "STEVESLIST_VAR": str(var),
        "STEVESLIST_PUBLIC_BIND": f"127.0.0.1:{free_port()}",
        "STEVESLIST_WEB_WORKERS": "1",
        # Nothing may be fetched: whoever tries is refused at once.
        "PIP_INDEX_URL": "http://127.0.0.1:9/simple",
    }


def free_port(host: str = "127.0.0.1") -> int:
    """A port that nobody listens on now."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])
