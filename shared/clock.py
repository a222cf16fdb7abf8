"""The one clock that rooms read: whole seconds, UTC. Tests freeze it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

_frozen: int | None = None


def now() -> int:
    """Seconds since the Unix epoch, UTC."""
    return int(time.time()) if _frozen is None else _frozen


@contextmanager
def freeze(seconds: int) -> Iterator[None]:
    """Hold `now()` at `seconds` in this process; nested calls restore the outer value."""
    global _frozen
    before, _frozen = _frozen, seconds
    try:
        yield
    finally:
        _frozen = before
