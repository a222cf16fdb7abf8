"""The machine under the site: versions, room on the disk, who may read what."""

import os
import platform
import shutil
import sqlite3
import stat
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

from jobs.doctor.finding import Finding, fail, ok, warn
from shared.config import Settings

_LITTLE_BYTES, _NOTHING_BYTES = 2 << 30, 200 << 20


def versions(_settings: Settings) -> Iterator[Finding]:
    """What to quote when asking for help."""
    yield ok(
        "versions", f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, Linux {platform.release()}"
    )
    packages = ("flask", "sqlalchemy", "rq", "granian", "whoosh", "pillow")
    yield ok("packages", ", ".join(f"{name} {version(name)}" for name in packages))


def disk(settings: Settings) -> Iterator[Finding]:
    """Room where the site keeps its things."""
    free = shutil.disk_usage(settings.var).free
    fact = f"{free / 1e9:.1f} GB free in {settings.var}"
    if free < _NOTHING_BYTES:
        yield fail("disk", fact, "Make room: databases stop accepting writes when it is full.")
    elif free < _LITTLE_BYTES:
        yield warn("disk", fact, "Make room soon.")
    else:
        yield ok("disk", fact)


def permissions(settings: Settings) -> Iterator[Finding]:
    """Nobody but the site's own user may look into var/, and the site may write there."""
    found = [*_private(settings.var, 0o700), *_secrets(settings.var / "secrets")]
    if not os.access(settings.var, os.W_OK):
        found.append(fail("permissions", f"{settings.var} cannot be written", "Run as its owner, or make it writable."))
    yield from found or [ok("permissions", f"only this user can read {settings.var}")]


def _secrets(folder: Path) -> Iterator[Finding]:
    for path in sorted(folder.glob("*")):
        yield from _private(path, 0o600)


def _private(path: Path, wanted: int) -> Iterator[Finding]:
    found = path.stat()
    mode = stat.S_IMODE(found.st_mode)
    if mode & 0o077:
        yield fail("permissions", f"{path} can be read by others (mode {mode:o})", f"chmod {wanted:o} {path}")
    if found.st_uid != os.geteuid():
        yield warn("permissions", f"{path} belongs to another user (id {found.st_uid})", "Run the site as its owner.")
