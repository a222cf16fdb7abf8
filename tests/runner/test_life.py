"""The running site: up when it answers, whole again after any death, gone when it is stopped."""

import os
import pty
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from jobs.supervisor.addresses import serves_http
from tests.runner.checkout import Checkout, Running, until


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_stops_everything(checkout: Checkout, number: int) -> None:
    with checkout.serving() as site:
        assert site.answers()
        assert site.stop(number) == 0
        assert not site.pids()
        assert f"is at http://{checkout.address}" in site.said
        assert not [words for words in ("Traceback", "warning", "404") if words in site.said]


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_start_warns_of_nothing_before_it_says_where_the_site_is(checkout: Checkout, form: str) -> None:
    with checkout.serving(STEVESLIST_LOG_FORMAT=form) as site:
        before, greeting, _ = site.said.partition(f"Steveslist is at http://{checkout.address}\n")
        assert greeting
        assert "warning" not in before


def test_ctrl_c_in_a_terminal_stops_it_cleanly(checkout: Checkout) -> None:
    terminal, ours = pty.openpty()
    runner = subprocess.Popen(
        ["setsid", "--ctty", "--wait", *checkout.argv()], env=checkout.environ, stdin=ours, stdout=ours, stderr=ours
    )
    os.close(ours)
    site = Running(runner, checkout.environ["HOME"], checkout.address, checkout.var / "unused")
    try:
        until(site.answers, "the site answers")
        os.write(terminal, b"\x03")
        until(lambda: runner.poll() is not None, "the runner ends")
        assert runner.returncode == 0
        assert not site.pids()
        assert b"Traceback" not in _drain(terminal)
    finally:
        for pid in site.pids():
            os.kill(pid, signal.SIGKILL)
        os.close(terminal)


def _drain(terminal: int) -> bytes:
    os.set_blocking(terminal, False)
    try:
        return os.read(terminal, 1 << 16)
    except OSError:
        return b""


def test_whatever_is_killed_comes_back(checkout: Checkout) -> None:
    with checkout.serving(STEVESLIST_WEB_WORKERS="2", STEVESLIST_LMTP_BIND=f"unix:{checkout.var}/lmtp") as site:
        for words in (["jobs.relay"], ["jobs.indexer"], ["jobs.worker", "mail"], ["jobs.worker", "events"]):
            _kill_and_wait(site, *words)
        _kill_and_wait(site, "jobs.lmtp")
        _kill_and_wait(site, "wsgi:streams")
        until(lambda: serves_http(f"unix:{checkout.var}/run/streams.sock"), "the streams answer again")
        _kill_and_wait(site, "jobs.scheduler")
        _kill_and_wait(site, "valkey")
        _kill_and_wait(site, "granian")
        until(site.answers, "the site answers again")


def test_a_killed_web_worker_is_replaced(checkout: Checkout) -> None:
    with checkout.serving() as site:
        for worker in _children(site, *site.pids("granian")):
            os.kill(worker, signal.SIGKILL)
        until(site.answers, "the site answers again")


def _kill_and_wait(site: Running, *words: str) -> None:
    before = site.pids(*words)
    assert before, words
    victim = min(before)
    os.kill(victim, signal.SIGKILL)
    until(lambda: site.pids(*words) - before, f"{words} is started again")
    assert victim not in site.pids(*words)


def _children(site: Running, *parents: int) -> set[int]:
    return {pid for pid in site.pids() for parent in parents if _parent(pid) == parent}


def _parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def test_a_killed_runner_leaves_nothing_and_the_next_start_works(checkout: Checkout) -> None:
    with checkout.serving() as site:
        site.process.kill()
        with checkout.serving() as next_site:
            assert next_site.answers()
    until(lambda: not site.pids(), "everything of it is gone")


def test_nothing_stays_when_the_runner_and_the_web_server_are_killed_together(checkout: Checkout) -> None:
    with checkout.serving() as site:
        for pid in [site.process.pid, *site.pids("granian")]:
            os.kill(pid, signal.SIGKILL)
        until(lambda: not site.pids(), "everything of it is gone")


def test_a_web_process_collects_garbage_and_never_what_it_was_made_of(checkout: Checkout) -> None:
    asking = "import gc, sys, wsgi; wsgi.public(); sys.exit(not (gc.isenabled() and gc.get_freeze_count() > 10_000))"
    assert subprocess.run([sys.executable, "-c", asking], env=checkout.environ, cwd=checkout.tree).returncode == 0


def test_a_stop_during_the_start_stops_it(checkout: Checkout) -> None:
    with checkout.serving(wait=False) as site:
        until(lambda: site.pids("valkey"), "the first service has started")
        assert site.stop() == 0
        assert not site.pids()
