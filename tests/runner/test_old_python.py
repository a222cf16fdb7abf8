"""A Python that is too old reads run.py far enough to say so."""

import ast
import shutil
import subprocess
import sys

import pytest

from tests.runner.checkout import BARE_PYTHON, ROOT

_OLD = [
    found for name in ("python2", "python3.6", "python3.8", "python3.9", "python3.10") if (found := shutil.which(name))
]
_PRETENDS = "import sys; sys.version_info = (3, 9, 2); exec(compile(open('run.py').read(), 'run.py', 'exec'))"


@pytest.mark.parametrize("command", [(BARE_PYTHON, "-c", _PRETENDS), *((old, "run.py") for old in _OLD)])
def test_too_old_a_python_is_told_in_one_sentence(command: tuple[str, ...]) -> None:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if done.returncode == 127:
        return  # a name on the PATH with no Python behind it
    assert done.returncode == 1
    assert done.stderr.startswith("Steveslist needs Python 3.11 or newer; this is Python ")
    assert len(done.stderr.splitlines()) == 1


def test_run_py_can_be_read_by_any_python_3() -> None:
    ast.parse((ROOT / "run.py").read_text(), feature_version=(3, 0))


def test_this_python_is_one_of_those_we_promise() -> None:
    assert (3, 11) <= sys.version_info[:2] <= (3, 14)
