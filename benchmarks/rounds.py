"""Comparing pieces of work fairly on a machine that others use too."""

import gc
import statistics
import time
from collections.abc import Callable, Mapping

Work = Callable[[], object]


def cpu_seconds(work: Work, times: int) -> float:
    """CPU seconds of this process for one run of `work`, over `times` runs."""
    started = time.process_time()
    for _ in range(times):
        work()
    return (time.process_time() - started) / times


def compare(candidates: Mapping[str, Work], *, rounds: int = 31, times: int = 40) -> dict[str, list[float]]:
    """CPU seconds per run of each candidate in each round. Every round runs all of them, in an order that turns."""
    names = list(candidates)
    found: dict[str, list[float]] = {name: [] for name in names}
    for work in candidates.values():
        cpu_seconds(work, times)
    gc.collect()
    gc.disable()
    try:
        for round in range(rounds):
            for at in range(len(names)):
                name = names[(round + at) % len(names)]
                found[name].append(cpu_seconds(candidates[name], times))
            gc.collect()
    finally:
        gc.enable()
    return found


def ratio(candidate: list[float], base: list[float]) -> float:
    """The median over the rounds of candidate to base."""
    return statistics.median(one / other for one, other in zip(candidate, base, strict=True))
