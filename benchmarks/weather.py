"""What else a shared machine does, as far as it can be told from here."""

import time
from math import inf

_PATIENCE_SECONDS = 2.0
_CALM = 1.1
_FIRST_STEPS = 50


class _Weather:
    def __init__(self) -> None:
        self._best = inf

    def wait(self) -> None:
        """Come back when a step of Python takes about as long as it did at best, after two seconds at the latest."""
        if self._best == inf:
            self._best = min(_step() for _ in range(_FIRST_STEPS))
        until = time.monotonic() + _PATIENCE_SECONDS
        while time.monotonic() < until:
            took = _step()
            self._best = min(self._best, took)
            if took < self._best * _CALM:
                return


def _step() -> float:
    """Seconds of processor time for a little of everything: numbers, and more memory than the nearest cache holds."""
    began = time.process_time()
    found: dict[int, int] = {}
    for number in range(50_000):
        found[number * 7919 % 50_021] = number
    return time.process_time() - began


wait = _Weather().wait
