"""Reading in lynx, which obeys a script of keys and has no scripts, no styles and no pictures."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.journeys.pages import TITLE, Street
from tests.journeys.site import Site

_ENTER, _NEXT, _CLEAR = "^J", "<tab>", "^U"
_SECONDS = 60


class Script:
    """The keys of one visit. What was saved under a name is the page as lynx showed it."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._keys: list[str] = []

    def type(self, text: str) -> "Script":
        return self._press(*("<space>" if letter == " " else letter for letter in text))

    def find(self, words: str) -> "Script":
        """Go to the link, button or line that has these words."""
        return self._press("/").type(words)._press(_ENTER)

    def follow(self, words: str) -> "Script":
        return self.find(words)._press(_ENTER)

    def open(self, url: str) -> "Script":
        return self._press("g").type(url)._press(_ENTER)

    def search(self, words: str) -> "Script":
        """By the field between the site's name and its button."""
        return self.find("Steveslist")._press(_NEXT).type(words)._press(_NEXT, _ENTER)

    def save(self, name: str) -> "Script":
        """Print to a file, the first choice of the menu that p shows."""
        return self._press("p", _ENTER, _CLEAR).type(str(self._home / name))._press(_ENTER)

    def run(self, site: Site) -> dict[str, str]:
        """Obey the script from the front page on; returns the text of the pages that were saved, by name."""
        program = shutil.which("lynx")
        if program is None:
            pytest.skip("needs lynx (apt install lynx)")
        script = self._home / "script"
        script.write_text("".join(f"key {key}\n" for key in [*self._keys, "q", "y"]))
        environ = {"HOME": str(self._home), "TERM": "xterm", "LANG": "C.UTF-8", "LINES": "300", "COLUMNS": "100"}
        subprocess.run(
            [program, "-accept_all_cookies", f"-cmd_script={script}", site.url],
            env=environ | {"PATH": os.environ["PATH"]}, cwd=self._home, timeout=_SECONDS, check=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        pages = [path for path in self._home.iterdir() if path != script]
        return {path.name: " ".join(path.read_text().split()) for path in pages if path.is_file()}

    def _press(self, *keys: str) -> "Script":
        self._keys += keys
        return self


def test_browsing_searching_and_reading_in_lynx(site: Site, street: Street, tmp_path: Path) -> None:
    script = Script(tmp_path).follow("Furniture").save("category").follow(TITLE).save("browsed")
    pages = script.open(site.url).search(TITLE).save("results").follow(f"1. {TITLE}").save("found").run(site)
    assert "Home › For sale › Furniture" in pages["category"] and f"{TITLE} €120 Innsbruck" in pages["category"]
    assert f"“{TITLE}”" in pages["results"] and f"{TITLE} €120 Innsbruck" in pages["results"]
    for listing in (pages["browsed"], pages["found"]):
        assert f"{TITLE}, hardly used." in listing
        assert "Seller Rosalind Write to the seller" in listing
