"""A progress bar for a terminal, and a line now and then for a log."""

import sys
import time


class Bar:
    """`bar(done, total)` as often as one likes; it draws at most five times a second, and always the end."""

    def __init__(self, label: str) -> None:
        self.label = label
        self.started = self.drawn = time.monotonic()

    def __call__(self, done: int, total: int) -> None:
        now = time.monotonic()
        live = sys.stderr.isatty()
        if done < total and now - self.drawn < (0.2 if live else 10):
            return
        self.drawn = now
        rate = done / max(now - self.started, 0.001)
        filled = 24 * done // max(total, 1)
        text = f"{self.label} [{'#' * filled}{'.' * (24 - filled)}] {done:,} of {total:,}, {rate:,.0f} a second"
        print(f"\r{text}" if live else text, end="\n" if done >= total or not live else "", file=sys.stderr, flush=True)

    @property
    def seconds(self) -> float:
        """Since the bar was made."""
        return time.monotonic() - self.started
