"""What a first start makes: the directory tree under var/, the secrets, migrated databases, the compiled gazetteer.

Idempotent and safe against dying anywhere: every start goes through it.
"""

import contextlib
import os
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from shared import places, sharding
from shared.config import Settings, WrongSetting, gather, var_folder
from shared.migrations import upgrade_all

SECRETS = ("secret_key", "id_key")
_FOLDERS = ("secrets", "db", "redis", "mail", "blobs", "index", "cache", "log", "run")


def prepare(environ: Mapping[str, str], say: Callable[[str], None]) -> Settings:
    """Make what is missing and return the settings. Raises WrongSetting when var/ cannot be written."""
    values = gather(environ)
    var = var_folder(values)
    try:
        _make_folders(var)
        _make_secrets(var / "secrets", values, say)
        settings = Settings.from_environment(environ)
        upgrade_all(sharding.configure(settings), say)
        places.load(settings.var / "cache")
    except OSError as error:
        raise WrongSetting(
            f"{error.filename or var} cannot be written ({error.strerror}). Everything that the site keeps is in "
            f"{var}: make room there and make it writable, or name another directory in the setting STEVESLIST_VAR."
        ) from None
    except SQLAlchemyError as error:
        words = str(getattr(error, "orig", None) or error).splitlines()[0]
        raise WrongSetting(f"The databases cannot be prepared: {words}. Is there room on the disk of {var}?") from None
    return settings


def _make_folders(var: Path) -> None:
    # Only the owner may look: the search index holds pickles, and mail holds links.
    var.mkdir(mode=0o700, parents=True, exist_ok=True)
    for folder in _FOLDERS:
        (var / folder).mkdir(mode=0o700, exist_ok=True)
    probe = var / "run" / ".writable"
    probe.write_text("")
    probe.unlink()


def _make_secrets(folder: Path, values: Mapping[str, str], say: Callable[[str], None]) -> None:
    for name in SECRETS:
        variable = f"STEVESLIST_{name.upper()}"
        if variable in values or f"{variable}_FILE" in values or (folder / name).exists():
            continue
        _write_once(folder / name, secrets.token_hex(32))
        say(f"made the secret {folder / name}: keep it with your backups")


def _write_once(path: Path, text: str) -> None:
    """Write a file that did not exist, wholly or not at all."""
    scratch = path.with_suffix(f".{os.getpid()}")
    descriptor = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    with contextlib.suppress(FileExistsError):
        os.link(scratch, path)
    scratch.unlink()
    folder = os.open(path.parent, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)
