"""The named checks behind /readyz. Each runs in a thread of its own and gets a few seconds, so one dead dependency
cannot hold up the answer about the others."""

import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass

logger = logging.getLogger(__name__)

Check = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one check: `problem` is "" when all is well, and names no address or secret."""

    name: str
    problem: str
    milliseconds: float


def run_all(checks: dict[str, Check], seconds: float = 2.0) -> list[Outcome]:
    """Run every check at once and wait at most `seconds` for all. A check fails by raising."""
    if not checks:
        return []
    pool = ThreadPoolExecutor(max_workers=len(checks), thread_name_prefix="readiness")
    running = {name: pool.submit(_timed, name, check) for name, check in checks.items()}
    wait(running.values(), timeout=seconds)
    pool.shutdown(wait=False, cancel_futures=True)
    late = f"no answer within {seconds:g} s"
    return [
        future.result() if future.done() and not future.cancelled() else Outcome(name, late, seconds * 1000)
        for name, future in running.items()
    ]


def _timed(name: str, check: Check) -> Outcome:
    started = time.perf_counter()
    problem = ""
    try:
        check()
    except Exception as error:  # whatever a driver raises means the same here: not ready
        problem = type(error).__name__
        logger.warning("%s is not ready: %s: %s", name, problem, error)
    return Outcome(name, problem, round((time.perf_counter() - started) * 1000, 1))
