"""What a file of the index that does not hold what it must shows as."""

from collections.abc import Iterator
from contextlib import contextmanager


class Damaged(Exception):
    """A file of the index does not hold what it must."""


@contextmanager
def reading(what: str, passing: type[Exception] = MemoryError) -> Iterator[None]:
    """Whoosh has no checksums: damage shows as any error at all from pickle, zlib, struct or its own code.

    `passing` is let through: while opening, a file may be gone because a newer commit tidied it away, and what the
    system refuses now it may grant later.
    """
    try:
        yield
    except (MemoryError, Damaged, passing):
        raise
    except Exception as error:
        raise Damaged(f"{what}: {type(error).__name__}") from error
