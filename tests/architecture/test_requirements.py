"""What is imported is asked for, what is asked for is locked, and what is locked has its hashes."""

import ast
import re
import sys
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from jobs.bootstrap import NEEDS_DEVELOPMENT
from shared.config import ROOT
from tests.architecture.tree import PACKAGES, name, python_files

_OURS = {*PACKAGES, "wsgi", "run"}


@cache
def asked(file: str) -> dict[str, str]:
    """The packages of an `.in` file, with whatever is said of their version."""
    lines = [line for line in (ROOT / file).read_text().splitlines() if line and not line.startswith(("#", "-"))]
    found = [re.fullmatch(r"([a-z0-9-]+)(.*)", line) for line in lines]
    assert all(found), f"{file}: one package a line, in lower case"
    return {match[1]: match[2] for match in found if match}


@cache
def locked(file: str) -> dict[str, tuple[str, int]]:
    """The packages of a lock: version and number of hashes."""
    blocks = re.split(r"\n(?=[a-z0-9])", (ROOT / file).read_text())
    found = {}
    for block in blocks:
        head = re.match(r"([a-z0-9-]+)==(\S+)", block)
        assert head, f"{file}: {block.splitlines()[0]}"
        found[head[1]] = (head[2], block.count("--hash=sha256:"))
    return found


@pytest.mark.parametrize("name", ["requirements", "requirements-dev"])
def test_everything_asked_for_is_locked_with_hashes(name: str) -> None:
    lock = locked(f"{name}.txt")
    assert asked(f"{name}.in").keys() - lock.keys() == set()
    assert [package for package, (_, hashes) in lock.items() if hashes == 0] == []


@pytest.mark.parametrize("name", ["requirements", "requirements-dev"])
def test_the_lock_keeps_to_what_was_asked(name: str) -> None:
    lock = locked(f"{name}.txt")
    exact = {package: version[2:] for package, version in asked(f"{name}.in").items() if version.startswith("==")}
    assert {package: lock[package][0] for package in exact} == exact


def test_both_locks_agree() -> None:
    site, tests = locked("requirements.txt"), locked("requirements-dev.txt")
    assert {
        package: (site[package], tests[package])
        for package in site.keys() & tests.keys()
        if site[package][0] != tests[package][0]
    } == {}


def test_only_one_whoosh() -> None:
    """Two distributions install the same folder over each other."""
    assert [package for package in locked("requirements.txt") if "whoosh" in package] == ["whoosh"]


def test_what_the_site_imports_is_in_its_requirements() -> None:
    tools = {ROOT / "jobs" / "cli" / f"{command}.py" for command in NEEDS_DEVELOPMENT}
    product = {*python_files("shared", "public_app", "admin_app", "jobs"), ROOT / "wsgi.py"} - tools
    wanted = asked("requirements.in").keys()
    missing = {f"{name(path)}: {word}" for path in product for word in _packages(path) - wanted}
    assert missing == set()


def test_what_the_tests_import_is_in_some_requirements() -> None:
    wanted = asked("requirements.in").keys() | asked("requirements-dev.in").keys()
    missing = {
        f"{name(path)}: {word}" for path in python_files("tests", "benchmarks") for word in _packages(path) - wanted
    }
    assert missing == set()


def _packages(path: Path) -> set[str]:
    """The distributions that a file imports."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
    others = found - _OURS - sys.stdlib_module_names
    return {_distributions().get(module, [module])[0].lower().replace("_", "-") for module in others}


@cache
def _distributions() -> dict[str, list[str]]:
    return dict(packages_distributions())
