"""What we do a second beside bare ways of doing the same, each measured in every round."""

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from benchmarks import report


@dataclass(frozen=True, slots=True)
class Way:
    """One way: its name among the figures, its words in the table, and how many a second in each round."""

    name: str
    words: str
    rates: list[float]

    @property
    def middle(self) -> float:
        return statistics.median(self.rates)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Ours, and the bare ways. What counts are the ratios within a round."""

    head: str
    ours: Way
    bare: Sequence[Way]

    def figures(self) -> dict[str, float]:
        """For programs."""
        rates = {f"{way.name}_per_second": round(way.middle) for way in (self.ours, *self.bare)}
        return rates | {f"{self.ours.name}_to_{way.name}": round(self._times(way), 2) for way in self.bare}

    def text(self) -> str:
        """A table."""
        rows = [[way.words, f"{way.middle:,.0f}", f"{self._times(way):.2f}"] for way in (self.ours, *self.bare)]
        return report.table([self.head, "a second", "ours is times that"], rows)

    def _times(self, way: Way) -> float:
        return statistics.median(ours / bare for ours, bare in zip(self.ours.rates, way.rates, strict=True))


def rate(count: int, work: Callable[[], None]) -> float:
    """How many a second, when `work` does `count`."""
    began = time.perf_counter()
    work()
    return count / (time.perf_counter() - began)
