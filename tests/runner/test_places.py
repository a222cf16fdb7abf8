"""Where the site may be started from, and where it finds what it was told."""

import re
from pathlib import Path

from tests.runner.checkout import Checkout, answers, copy_tree
from tests.runner.conftest import free_port


def test_it_runs_from_another_directory(checkout: Checkout) -> None:
    # `command` works in / already.
    assert checkout.command("help").returncode == 0


def test_it_runs_through_a_symbolic_link(checkout: Checkout, tmp_path: Path) -> None:
    link = tmp_path / "market"
    link.symlink_to(checkout.tree / "run.py")
    checkout.tree = tmp_path
    (tmp_path / "run.py").symlink_to(link)
    done = checkout.command("help")
    assert done.returncode == 0, done.stderr


def test_it_listens_on_ipv6(checkout: Checkout) -> None:
    with checkout.serving(STEVESLIST_PUBLIC_BIND=f"[::1]:{free_port('::1')}") as site:
        assert site.answers()
        assert f"is at http://{site.address}" in site.said


def test_settings_file_is_honoured_by_the_start_and_by_every_process(checkout: Checkout, home: Path) -> None:
    tree = copy_tree(home / "configured")
    settings = [f'{name}="{checkout.environ.pop(name)}"' for name in ("STEVESLIST_VAR", "STEVESLIST_PUBLIC_BIND")]
    (tree / "settings.env").write_text("\n".join(settings))
    with Checkout(tree, checkout.var, checkout.environ).serving() as site:
        assert f"Mail is kept in {checkout.var}" in site.said
        (address,) = re.findall("is at http://(.*)", site.said)
        assert answers(address)
        # The runner and its six.
        assert len(site.pids("jobs.")) == 9
    assert not (tree / "var").exists()


def test_relative_data_folder_counts_from_run_py(checkout: Checkout, home: Path) -> None:
    tree = copy_tree(home / "relative")
    done = Checkout(tree, checkout.var, checkout.environ).command("migrate", STEVESLIST_VAR="data")
    assert done.returncode == 0, done.stderr
    assert (tree / "data" / "db" / "directory.sqlite").exists()


def test_a_secret_may_come_from_a_file(checkout: Checkout, tmp_path: Path) -> None:
    secret = tmp_path / "key"
    secret.write_text("a secret that is kept in another place\n")
    made = checkout.var / "secrets" / "secret_key"
    made.unlink()
    done = checkout.command("migrate", STEVESLIST_SECRET_KEY_FILE=str(secret))
    assert done.returncode == 0, done.stderr
    assert not made.exists()


def test_secrets_are_made_once_and_for_nobody_else(checkout: Checkout) -> None:
    secret = checkout.var / "secrets" / "secret_key"
    before = secret.read_text()
    assert secret.stat().st_mode & 0o077 == 0
    assert checkout.command("migrate").returncode == 0
    assert secret.read_text() == before
