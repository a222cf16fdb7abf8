"""Comparing the index with SQL, and handing the differences to the indexer.

Only the indexer writes: whoever compares has read a row that may have changed since, and would bring the old one back.
"""

import json
import logging
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from shared.search.documents import all_documents, feed_positions
from shared.search.port import Document, SearchIndex

log = logging.getLogger(__name__)

_LAST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Differences:
    """Listings of a range of ids whose revision in the index is not the one in SQL, out of `compared` in SQL."""

    compared: int
    missing: list[int] = field(default_factory=list)
    outdated: list[int] = field(default_factory=list)
    surplus: list[int] = field(default_factory=list)

    @property
    def listings(self) -> list[int]:
        """All of them."""
        return [*self.missing, *self.outdated, *self.surplus]


@dataclass(slots=True)
class Tally:
    """How many listings were compared, and how many of them differ in which way."""

    compared: int = 0
    missing: int = 0
    outdated: int = 0
    surplus: int = 0

    @property
    def differing(self) -> int:
        """How many differ at all."""
        return self.missing + self.outdated + self.surplus

    def __str__(self) -> str:
        return (
            f"{self.compared:,} listings: {self.missing:,} missing, {self.outdated:,} outdated, "
            f"{self.surplus:,} too many"
        )


class Queue:
    """Listings that the indexer should look at again, in files beside the index. What is lost here is found again."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, listings: Iterable[int]) -> None:
        """Ask the indexer to look at these listings."""
        name = f"repair.{time.time_ns()}"
        unfinished = self._folder / f"{name}.new"
        unfinished.write_text(json.dumps(list(listings)))
        unfinished.rename(self._folder / f"{name}.json")

    def take(self) -> list[int]:
        """The listings asked for first, none when nothing is asked for. They are not given again."""
        for file in sorted(self._folder.glob("repair.*.json")):
            text = file.read_bytes()
            file.unlink()
            try:
                return _listings(text)
            except (ValueError, RecursionError) as error:
                log.warning("%s is dropped, the next comparison makes another: %s", file.name, error)
        return []


def compare(index: SearchIndex, at_once: int = 500) -> Iterator[Differences]:
    """Compare every listing's revision with SQL, a range of ids at a time: memory does not grow with their number.

    What the indexer has not come to yet differs too. Raises IndexUnavailable.
    """
    documents, after = all_documents(), 0
    while page := list(islice(documents, at_once)):
        last = page[-1].listing
        yield _differences(index.contents(after + 1, last), page)
        after = last
    yield Differences(0, surplus=sorted(index.contents(after + 1, _LAST)))


def count(found: Iterable[Differences], queue: Queue | None = None) -> Tally:
    """Add up the differences; with a queue, ask the indexer to look at each of them."""
    tally = Tally()
    for each in found:
        tally.compared += each.compared
        tally.missing += len(each.missing)
        tally.outdated += len(each.outdated)
        tally.surplus += len(each.surplus)
        if queue is not None and each.listings:
            queue.put(each.listings)
    return tally


def rebuild(index: SearchIndex, passing: Callable[[Iterator[Document]], Iterable[Document]] = iter) -> int:
    """Build the index from SQL; the indexer replays what changes meanwhile. `passing` may look on, or stop it."""
    positions = feed_positions()
    return index.rebuild(passing(all_documents()), positions)


def _listings(text: bytes) -> list[int]:
    """The ids in a file of the queue. Raises ValueError, RecursionError when it is none."""
    listings = json.loads(text)
    if not isinstance(listings, list) or not all(type(each) is int and 0 < each <= _LAST for each in listings):
        raise ValueError("no list of listings")
    return listings


def _differences(held: dict[int, int], page: list[Document]) -> Differences:
    found = Differences(len(page))
    for document in page:
        revision = held.pop(document.listing, None)
        if revision is None:
            found.missing.append(document.listing)
        elif revision != document.revision:
            found.outdated.append(document.listing)
    found.surplus.extend(held)
    return found
