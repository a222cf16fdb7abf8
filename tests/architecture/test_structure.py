"""What a newcomer may rely on in every file: a docstring, a length, a telling name."""

import ast
import re

from shared.config import ROOT
from tests.architecture.tree import name, python_files

LONGEST = 400
_VAGUE = re.compile(r"^_?(utils?|helpers?|commons?|misc|stuff)\.py$")
_PROMISE = re.compile(r"#\s*(TODO|FIXME|XXX|HACK)\b")


def test_every_module_opens_with_a_docstring() -> None:
    without = [
        name(path)
        for path in python_files()
        if (text := path.read_text(encoding="utf-8")).strip() and not ast.get_docstring(ast.parse(text))
    ]
    assert without == []


def test_module_docstrings_are_short() -> None:
    long = [
        name(path)
        for path in python_files("shared", "public_app", "admin_app", "jobs")
        if "versions" not in path.parts
        and len((ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "").splitlines()) > 12
    ]
    assert long == []


def test_no_file_is_named_for_nothing_in_particular() -> None:
    assert [name(path) for path in python_files() if _VAGUE.match(path.name)] == []


def test_files_past_400_lines_are_split() -> None:
    lengths = {
        name(path): len(path.read_text(encoding="utf-8").splitlines())
        for path in python_files()
        if "versions" not in path.parts
    }
    assert {path: length for path, length in lengths.items() if length > LONGEST} == {}


def test_no_file_leaves_a_promise_behind() -> None:
    promises = [name(path) for path in python_files() if _PROMISE.search(path.read_text(encoding="utf-8"))]
    assert promises == []


def test_every_room_of_the_site_has_a_docstring_that_says_what_it_is() -> None:
    rooms = [path for path in (ROOT / "shared").iterdir() if path.is_dir() and not path.name.startswith("_")]
    silent = [room.name for room in rooms if not ast.get_docstring(ast.parse((room / "__init__.py").read_text()))]
    assert silent == []


def test_functions_past_50_lines_are_split() -> None:
    long = [
        f"{name(path)}: {node.name}"
        for path in python_files()
        if "versions" not in path.parts
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef) and (node.end_lineno or 0) - node.lineno >= 50
    ]
    assert long == []


def test_no_file_knows_where_it_was_written() -> None:
    homes = re.compile(r"/(?:home|Users|root|work)/\w")
    assert [name(path) for path in python_files() if homes.search(path.read_text(encoding="utf-8"))] == []
