"""The command line as an operator meets it."""

import os
import pkgutil
import subprocess
import sys

from jobs import cli
from shared.config import ROOT


def command(*words: str, **environ: str) -> "subprocess.CompletedProcess[str]":
    environment = {**os.environ, **environ}
    return subprocess.run(
        [sys.executable, "-m", "jobs.cli", *words],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_help_lists_every_command_on_one_line_each():
    lines = command("help").stdout.splitlines()
    for module in pkgutil.iter_modules(cli.__path__):
        if not module.name.startswith("_"):
            assert len([line for line in lines if line.startswith(f"  {module.name} ")]) == 1, module.name


def test_help_fits_a_narrow_terminal():
    assert [line for line in command("help").stdout.splitlines() if len(line) > 100] == []


def test_unknown_command_suggests_the_near_one():
    done = command("docter")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "There is no command 'docter'; did you mean `python3 run.py doctor`?\n"


def test_unknown_command_without_a_near_one_names_help():
    assert "`python3 run.py help`" in command("zzzzzz").stderr


def test_unknown_option_is_refused():
    done = command("migrate", "--harder")
    assert done.returncode == 2
    assert "--harder" in done.stderr


def test_wrong_setting_is_one_sentence_and_no_traceback(tmp_path):
    done = command("doctor", STEVESLIST_VAR=str(tmp_path), STEVESLIST_PUBLIC_BIND="here")
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "STEVESLIST_PUBLIC_BIND" in done.stderr


def test_doctor_before_the_first_start_says_what_makes_the_installation(tmp_path):
    done = command("doctor", STEVESLIST_VAR=str(tmp_path / "var"))
    assert done.returncode == 1
    assert "python3 run.py" in done.stderr
    assert not (tmp_path / "var").exists()


def test_every_make_target_is_one_line_that_calls_run_py():
    rules = (ROOT / "Makefile").read_text().partition("\nhelp:")[2]
    recipes = [line.strip() for line in rules.splitlines()[2:] if line.startswith("\t")]
    assert recipes
    assert all(recipe.startswith("@python3 run.py") for recipe in recipes)


def test_make_help_lists_every_target():
    shown = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True).stdout
    targets = (ROOT / "Makefile").read_text().partition(".PHONY:")[2].splitlines()[0].split()
    assert [target for target in targets if f"{target}\t" not in shown] == []


def test_a_skipped_test_fails_where_skips_are_not_allowed(tmp_path):
    (tmp_path / "test_it.py").write_text("import pytest\n\ndef test_it():\n    pytest.skip('no server')\n")
    plain = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(tmp_path), str(tmp_path)]
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    allowed = subprocess.run(plain, cwd=tmp_path, env=environ, capture_output=True, text=True)
    refused = subprocess.run([*plain, "-p", "tests.noskips"], cwd=tmp_path, env=environ, capture_output=True, text=True)
    assert (allowed.returncode, refused.returncode) == (0, 1), refused.stdout
    assert "no server" in refused.stdout


def test_a_module_skipped_whole_fails_where_skips_are_not_allowed(tmp_path):
    (tmp_path / "test_it.py").write_text("import pytest\n\npytest.skip('no browser', allow_module_level=True)\n")
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    refused = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "tests.noskips", str(tmp_path)],
        cwd=tmp_path, env=environ, capture_output=True, text=True,
    )  # fmt: skip
    assert refused.returncode != 0
    assert "no browser" in refused.stdout
