"""The source files of the house, for the tests that read them."""

from collections.abc import Iterator
from pathlib import Path

from shared.config import ROOT

PACKAGES = ("shared", "public_app", "admin_app", "jobs", "benchmarks", "tests")


def python_files(*folders: str) -> Iterator[Path]:
    """Every Python file under the folders (all packages by default) and the ones beside run.py."""
    for folder in folders or PACKAGES:
        yield from sorted(path for path in (ROOT / folder).rglob("*.py") if "node_modules" not in path.parts)
    if not folders:
        yield from sorted(ROOT.glob("*.py"))


def name(path: Path) -> str:
    """The path as a person writes it."""
    return path.relative_to(ROOT).as_posix()
