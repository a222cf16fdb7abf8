"""What keeps the site from starting is said in one sentence that tells what to do, and leaves nothing running."""

import socket
import subprocess
from pathlib import Path

import pytest

from tests.runner.checkout import Checkout, copy_tree
from tests.runner.conftest import free_port

# A disk of our own to fill, where the machine lets us mount one.
_MAY_MOUNT = subprocess.run(["unshare", "-rm", "true"], capture_output=True).returncode == 0


def sentence(done: "subprocess.CompletedProcess[str]") -> str:
    """The one thing that was said when it refused."""
    assert done.returncode == 1, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, done.stderr
    return lines[0]


def test_port_in_use(checkout: Checkout) -> None:
    host, _, port = checkout.address.rpartition(":")
    with socket.create_server((host, int(port))):
        said = sentence(checkout.command())
    assert said == (
        f"{checkout.address} is in use by another program. Set STEVESLIST_PUBLIC_BIND to another HOST:PORT."
    )


def test_address_of_another_machine(checkout: Checkout) -> None:
    said = sentence(checkout.command(STEVESLIST_PUBLIC_BIND="192.0.2.1:8000"))
    assert said.startswith("192.0.2.1:8000 cannot be listened on")


def test_second_runner_is_refused_and_the_first_goes_on(checkout: Checkout) -> None:
    with checkout.serving() as site:
        said = sentence(checkout.command(STEVESLIST_PUBLIC_BIND=f"127.0.0.1:{free_port()}"))
        assert f"already running on {checkout.var} (process {site.process.pid})" in said
        assert site.answers()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PUBLIC_BIND", "8000"),
        ("PUBLIC_BIND", "::1:8000"),
        ("PUBLIC_BIND", "127.0.0.1:99999"),
        ("PUBLIC_URL", "example.org"),
        ("PUBLIC_URL", "http://[::1"),
        ("DIRECTORY_URL", "postgresql://localhost/market"),
        ("DIRECTORY_URL", "mysql+pymysql://root@localhost:port/market"),
        ("SHARDS", "u1=somewhere"),
        ("REDIS_URL", "http://localhost"),
        ("SECRET_KEY", "short"),
        ("SECRET_KEY_FILE", "/nowhere/key"),
        ("BCRYPT_COST", "99"),
        ("LOG_FORMAT", "xml"),
        ("PUBLC_BIND", "127.0.0.1:8001"),
    ],
)
def test_wrong_setting_names_itself(checkout: Checkout, name: str, value: str) -> None:
    assert f"STEVESLIST_{name}" in sentence(checkout.command("migrate", **{f"STEVESLIST_{name}": value}))


def test_misspelt_setting_is_told_its_right_name(checkout: Checkout) -> None:
    said = sentence(checkout.command("migrate", STEVESLIST_PUBLC_BIND="127.0.0.1:8001"))
    assert "did you mean STEVESLIST_PUBLIC_BIND?" in said


def test_password_in_a_wrong_setting_is_not_shown(checkout: Checkout) -> None:
    said = sentence(checkout.command("migrate", STEVESLIST_DIRECTORY_URL="mysql://root:hunter2@localhost/market"))
    assert "hunter2" not in said


def test_redis_that_does_not_answer(checkout: Checkout) -> None:
    said = sentence(checkout.command(STEVESLIST_REDIS_URL=f"redis://:hunter2@127.0.0.1:{free_port()}/0"))
    assert said.startswith("Redis on 127.0.0.1 does not answer") and "STEVESLIST_REDIS_URL" in said
    assert "hunter2" not in said


def test_database_that_does_not_answer(checkout: Checkout) -> None:
    url = f"mysql+pymysql://market:hunter2@127.0.0.1:{free_port()}/market"
    said = sentence(checkout.command("migrate", STEVESLIST_DIRECTORY_URL=url))
    assert "directory cannot be reached" in said
    assert "hunter2" not in said


def test_data_folder_that_cannot_be_made(checkout: Checkout) -> None:
    said = sentence(checkout.command("migrate", STEVESLIST_VAR="/proc/steveslist"))
    assert "/proc/steveslist cannot be written" in said
    assert "STEVESLIST_VAR" in said


def test_data_folder_on_a_read_only_disk(checkout: Checkout) -> None:
    folder, before = _read_only(checkout.var)
    said = sentence(checkout.command("migrate", before=before, STEVESLIST_VAR=str(folder)))
    assert "cannot be written" in said
    assert "STEVESLIST_VAR" in said


def test_packages_on_a_read_only_disk(checkout: Checkout, tmp_path: Path) -> None:
    folder, before = _read_only(tmp_path)
    said = sentence(checkout.command("help", before=before, STEVESLIST_VENV=str(folder / "venv")))
    assert f"{folder / 'venv'} cannot be written" in said
    assert "STEVESLIST_VENV" in said


def _read_only(folder: Path) -> tuple[Path, tuple[str, ...]]:
    """The folder, and the words that run a command where it cannot be written; some such place if we may not mount."""
    if not _MAY_MOUNT:
        return Path("/proc/steveslist"), ()
    script = f'mount --bind "{folder}" "{folder}" && mount -o remount,ro,bind "{folder}" && exec "$@"'
    return folder, ("unshare", "-rm", "sh", "-c", script, "sh")


def test_full_disk(checkout: Checkout) -> None:
    full = checkout.var.parent / "full"
    full.mkdir()
    script = f'mount -t tmpfs -o size=300k none "{full}" && exec "$@"'
    # Where we may not mount, a limit on each file's size runs out in the same way.
    before = ("unshare", "-rm", "sh", "-c", script, "sh") if _MAY_MOUNT else ("prlimit", "--fsize=300000")
    done = checkout.command("migrate", before=before, STEVESLIST_VAR=str(full))
    said = sentence(done)
    assert str(full) in said
    assert "room" in said


def test_data_folder_with_too_long_a_name(checkout: Checkout) -> None:
    var = checkout.var.parent / ("long" * 25)
    checkout.var.rename(var)
    assert "STEVESLIST_VAR to a shorter path" in sentence(checkout.command(STEVESLIST_VAR=str(var)))


def test_data_of_a_newer_valkey(checkout: Checkout) -> None:
    (checkout.var / "redis" / "ENGINE").write_text("99.0.0")
    assert "was written by Valkey 99.0.0" in sentence(checkout.command())


def test_settings_file_that_is_not_one(checkout: Checkout, home: Path) -> None:
    tree = copy_tree(home / "elsewhere")
    (tree / "settings.env").write_text("# mine\n\nSTEVESLIST_SITE_NAME Bazaar\n")
    said = sentence(Checkout(tree, checkout.var, checkout.environ).command("migrate"))
    assert said == f"{tree}/settings.env line 3 must be NAME=value."
