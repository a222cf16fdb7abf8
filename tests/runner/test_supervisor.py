"""The supervisor's own rules, with small real processes."""

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from jobs.supervisor import runner as runner_module
from jobs.supervisor.process import Process, Warden
from jobs.supervisor.runner import _Stop, _supervise
from jobs.supervisor.services import Service
from jobs.supervisor.warden import session_members
from shared.config import Settings
from tests.factories.settings import settings
from tests.runner.checkout import until


@pytest.fixture
def warden(tmp_path: Path) -> Iterator[Warden]:
    with (tmp_path / "lock").open("w") as lock, Warden(keeps_open=lock.fileno()) as warden:
        yield warden


def test_pauses_between_restarts_grow_to_ten_seconds_and_forget_after_a_good_run(warden: Warden) -> None:
    now = [0.0]
    process = Process(Service("brief", ("true",)), os.environ, Path("/"), warden, clock=lambda: now[0])
    pauses = []
    for _ in range(8):
        pauses.append(_pause_after_death(process, now))
    assert pauses == [0.5, 1, 2, 4, 8, 10, 10, 10]
    process.start()
    now[0] += 61
    until(process.tend, "its end is noticed")
    assert process.start_after - now[0] == 0.5


def _pause_after_death(process: Process, now: list[float]) -> float:
    process.start()
    until(process.tend, "its end is noticed")
    pause = process.start_after - now[0]
    now[0] = process.start_after
    return pause


def test_it_is_not_started_again_before_its_pause_is_over(warden: Warden) -> None:
    now = [0.0]
    process = Process(Service("brief", ("true",)), os.environ, Path("/"), warden, clock=lambda: now[0])
    process.start()
    until(process.tend, "its end is noticed")
    now[0] = 0.4
    process.tend()
    assert process.running is None
    now[0] = 0.5
    process.tend()
    assert process.running is not None
    process.wait_stopped(0, lambda: True)


def test_what_a_dead_process_left_in_its_session_is_ended_first(warden: Warden) -> None:
    process = Process(Service("parent", ("sh", "-c", "sleep 1000 &")), os.environ, Path("/"), warden)
    process.start()
    assert process.running is not None
    session = process.running.pid
    until(lambda: session_members([session]), "its child lives")
    until(process.tend, "its end is noticed")
    assert session_members([session]) == []


def test_each_service_waits_until_the_one_before_it_answers(warden: Warden, tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    chain = [
        Service("first", ("sh", "-c", f"sleep 0.3; touch {first}; exec sleep 1000"), ready=first.exists),
        Service("second", ("sh", "-c", f"test -e {first} && touch {second}; exec sleep 1000"), ready=second.exists),
    ]
    assert _run_until(second, chain, warden, settings(tmp_path)) == 0


def test_a_service_that_ends_at_once_ends_the_start(warden: Warden, tmp_path: Path) -> None:
    chain = [Service("broken", ("false",), ready=lambda: False)]
    assert _run_until(tmp_path / "never", chain, warden, settings(tmp_path)) == 1


def test_what_ends_at_once_is_not_said_to_have_a_job(
    warden: Warden, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    up = tmp_path / "up"
    idle = Service("idle", ("sh", "-c", f"touch {up}; exec sleep 1000"), stop_seconds=1000, ready=up.exists)
    assert _run_until(up, [idle], warden, settings(tmp_path)) == 0
    assert "Waiting" not in capsys.readouterr().err


def test_a_job_that_takes_too_long_is_ended_by_the_second_signal(
    warden: Warden, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(runner_module, "_SILENT_SECONDS", 0.1)
    up, stop = tmp_path / "up", _Stop()
    stubborn = Service(
        "stubborn", ("sh", "-c", f"trap '' TERM; touch {up}; sleep 1000"), stop_seconds=1000, ready=up.exists
    )
    processes = [Process(stubborn, os.environ, Path("/"), warden)]
    runner = threading.Thread(target=_supervise, args=(processes, settings(tmp_path), stop))
    runner.start()
    until(up.exists, "it is up")
    stop.on_signal(15, None)
    until(lambda: "Waiting for stubborn to end its job" in capsys.readouterr().err, "it says what it waits for")
    assert runner.is_alive()
    stop.on_signal(15, None)
    runner.join(10)
    assert not runner.is_alive()


def _run_until(flag: Path, chain: list[Service], warden: Warden, settings: Settings) -> int:
    """Supervise the chain in this process, and ask it to stop when the flag is there; returns the exit status."""
    stop = _Stop()
    status: list[int] = []
    processes = [Process(service, os.environ, Path("/"), warden) for service in chain]
    runner = threading.Thread(target=lambda: status.append(_supervise(processes, settings, stop)))
    runner.start()
    until(lambda: flag.exists() or not runner.is_alive(), "it gets there or gives up")
    stop.set()
    runner.join(10)
    assert all(process.running is None for process in processes)
    return status[0]
