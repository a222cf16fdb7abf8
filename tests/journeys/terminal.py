"""w3m in a pseudo-terminal, driven by its keys as its users do: look for words, go to the next field, press Enter."""

import fcntl
import os
import pty
import re
import shutil
import signal
import struct
import termios
import threading
from pathlib import Path

import pytest

from tests.journeys.site import Site, eventually

_ENTER, _TAB, _BACK_TAB, _CLEAR = "\r", "\t", "\x1b\t", "\x15"
_OPTIONS = {"use_cookie": 1, "accept_cookie": 1, "confirm_qq": 0, "wrap_search": 1, "display_image": 0, "auto_image": 0}
_ROWS, _COLUMNS = 200, 100


class Terminal:
    """One w3m with its cookies. After every step `page` is the whole rendered page as text."""

    def __init__(self, site: Site, home: Path) -> None:
        program = shutil.which("w3m")
        if program is None:
            pytest.skip("needs w3m (apt install w3m)")
        self.site, self.home, self.page = site, home, ""
        self._dump, self._typed, self._address = home / "page.txt", home / "typed.txt", home / "address.txt"
        folder = home / ".w3m"
        folder.mkdir()
        # One key saves the page as it is shown: it appears once all keys before it have been obeyed.
        (folder / "keymap").write_text(
            f'keymap S SAVE_SCREEN {self._dump}\nkeymap X EXTERN "printf %s > {self._address}"\n'
        )
        (folder / "config").write_text("".join(f"{name} {value}\n" for name, value in _OPTIONS.items()))
        editor = home / "editor"
        editor.write_text(f'#!/bin/sh\ncp "{self._typed}" "$1"\n')
        editor.chmod(0o755)
        self._pid, self._tty = pty.fork()
        if self._pid == 0:
            environ = {
                "HOME": str(home),
                "TERM": "xterm",
                "EDITOR": str(editor),
                "PATH": os.environ["PATH"],
                "LANG": "C.UTF-8",
            }
            os.execve(program, [program, f"{site.url}/"], environ)
        fcntl.ioctl(self._tty, termios.TIOCSWINSZ, struct.pack("HHHH", _ROWS, _COLUMNS, 0, 0))
        self._reader = threading.Thread(target=self._drain, daemon=True)
        self._reader.start()
        self.look()

    @property
    def path(self) -> str:
        """The address of the page, within the site."""
        self._address.unlink(missing_ok=True)
        self._keys("X")
        address = eventually(lambda: (self._address.exists() and self._address.read_text()) or None, "address from w3m")
        return address.removeprefix(self.site.url)

    def close(self) -> None:
        os.kill(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)
        os.close(self._tty)

    def open(self, path: str) -> "Terminal":
        """Go to an address (U, clear the line, type)."""
        self._keys(f"U{_CLEAR}{self.site.url}{path}{_ENTER}")
        return self.look()

    def follow(self, words: str) -> "Terminal":
        """Follow a link."""
        self._find(words)
        self._keys(_ENTER)
        return self.look()

    def press(self, words: str) -> "Terminal":
        """Press a button: the last line that begins with its words, or where buttons share one, the last such words."""
        self._find(words, start=any(line.strip().startswith(words) for line in self.page.splitlines()), last=True)
        self._keys(_ENTER)
        return self.look()

    def fill(self, label: str, value: str) -> "Terminal":
        """Fill the one-line field, or name the file of the file field, that follows a label."""
        self._find(label, start=True)
        self._keys(f"{_TAB}{_ENTER}{_CLEAR}{value}{_ENTER}")
        return self.look()

    def write(self, label: str, text: str) -> "Terminal":
        """Write several lines by the editor that w3m starts."""
        self._typed.write_text(text)
        self._find(label, start=True)
        self._keys(f"{_TAB}{_ENTER}")
        return self.look()

    def choose(self, label: str, option: str) -> "Terminal":
        """Pick from the menu that a select opens; typing / there looks for an entry."""
        self._find(label, start=True)
        self._keys(f"{_TAB}{_ENTER}/{option}{_ENTER}{_ENTER}")
        return self.look()

    def tick(self, words: str) -> "Terminal":
        """Tick the radio button or the box before these words."""
        self._find(words)
        self._keys(f"{_BACK_TAB}{_ENTER}")
        return self.look()

    def reads(self, words: str) -> "Terminal":
        assert words in " ".join(self.page.split()), self.page
        return self

    def look(self) -> "Terminal":
        """Wait until everything typed so far is done, and read the page."""
        self._dump.unlink(missing_ok=True)
        self._keys("S")
        eventually(lambda: self._dump.exists() or None, "answer from w3m")
        # It is written in one go after it was opened; the next key is only obeyed when it is complete.
        self.page = eventually(lambda: self._dump.read_text() or None, "page from w3m")
        return self

    def _find(self, words: str, start: bool = False, last: bool = False) -> None:
        pattern = ("^ *" if start else "") + re.escape(words).replace("\\ ", " ").replace("\\-", "-").replace(
            "\\’", "’"
        )
        key = f"G$?{pattern}{_ENTER}" if last else f"g^/{pattern}{_ENTER}"
        self._keys(key)

    def _keys(self, keys: str) -> None:
        os.write(self._tty, keys.encode())

    def _drain(self) -> None:
        """What w3m paints is not looked at, but a full buffer would stop it."""
        try:
            while os.read(self._tty, 65536):
                pass
        except OSError:
            return
