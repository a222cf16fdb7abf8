"""Who may import whom. The contracts are in pyproject.toml; what they cannot say is here."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from shared.config import ROOT
from tests.architecture.tree import name, python_files

# A door may name the session that it hands to a room, the rows that come back, and errors. Nothing else of SQL.
_DOORS_MAY_IMPORT = {"sqlalchemy.orm.Session", "sqlalchemy.Row"}
_DOORS_MAY_IMPORT_FROM = "sqlalchemy.exc."


def test_import_contracts_hold() -> None:
    tool = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([tool, "--no-cache"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_doors_write_no_queries() -> None:
    doors = python_files("public_app", "admin_app", "jobs/consumers", "jobs/cli")
    found = [f"{name(path)}: {word}" for path in doors for word in _imports(path) if _is_sql(word)]
    assert found == []


def test_product_imports_no_tests() -> None:
    product = python_files("shared", "public_app", "admin_app", "jobs")
    assert [name(path) for path in product if any(word.split(".")[0] == "tests" for word in _imports(path))] == []


def _is_sql(word: str) -> bool:
    allowed = word in _DOORS_MAY_IMPORT or word.startswith(_DOORS_MAY_IMPORT_FROM)
    return word.split(".")[0] == "sqlalchemy" and not allowed


def _imports(path: Path) -> Iterator[str]:
    """Everything that a file imports, by its full dotted name."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
