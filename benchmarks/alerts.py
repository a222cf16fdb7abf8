"""Alerts: what it costs to find the saved searches that a new listing matches, by how many are saved."""

import argparse
import gc
import json
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import insert

from benchmarks import report
from benchmarks.search.listings import demo_texts, grown, make_listings, phrases
from benchmarks.search.memory import private
from shared import alerts, ids
from shared.alerts import SavedSearch, SearchKey
from shared.alerts.keys import KeyMaker, Keys
from shared.alerts.matching import Matcher
from shared.errors import Invalid
from shared.migrations import upgrade_all
from shared.search import Document, Point, SearchRequest
from shared.search.language import Language
from shared.search.whoosh_index import WhooshIndex
from shared.sharding import Family, Fleet, allocate_owners, bulk, by_shard, take_many, use

SIZES = (1_000, 10_000, 100_000)
# With a hundred times as many searches, a listing may cost at most so many times as much.
TARGET = 10.0
_SEED = 7
_LISTINGS, _NEW = 5_000, 200
_ONE_BY_ONE = 3
_ROUNDS = 4
_AT_ONCE = 2_000
_NEW_OWNERS = 1_000_000
_WITHOUT_WORDS = 10
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Figure:
    """What one listing costs at a number of saved searches, in milliseconds of processor: through the index, and by
    comparing it with every search.

    `matched` is how many it matches on average, `recording_ms` what it costs to record these; `megabytes` is what
    searches and keys take on disk, `private_megabytes` by how much the process grew that matched.
    """

    searches: int
    p50_ms: float
    p95_ms: float
    mean_ms: float
    one_by_one_ms: float
    matched: float
    recording_ms: float
    megabytes: float
    private_megabytes: float


@dataclass(frozen=True, slots=True)
class Matching:
    """What a listing costs at each number of saved searches."""

    measured: list[Figure]

    @property
    def ratio(self) -> float:
        """What a listing costs at the most searches, compared with the fewest."""
        return self.measured[-1].mean_ms / self.measured[0].mean_ms

    @property
    def met(self) -> bool:
        """Whether that is within the target."""
        return self.ratio <= TARGET

    def figures(self) -> dict[str, Any]:
        """For programs."""
        return {"matching": list(map(asdict, self.measured)), "matching_ratio": self.ratio}

    def text(self) -> str:
        """A table and the verdict."""
        head = ["saved searches", "p50 ms", "p95 ms", "mean ms", "one by one, ms", "matches", "recording, ms"]
        head += ["MB on disk", "MB of RAM"]
        rows = [
            [
                f"{each.searches:,}",
                f"{each.p50_ms:.2f}",
                f"{each.p95_ms:.2f}",
                f"{each.mean_ms:.2f}",
                f"{each.one_by_one_ms:,.1f}",
                f"{each.matched:.2f}",
                f"{each.recording_ms:.2f}",
                f"{each.megabytes:.1f}",
                f"{each.private_megabytes:.1f}",
            ]
            for each in self.measured
        ]
        few, many = self.measured[0].searches, self.measured[-1].searches
        return (
            "Processor time to find the saved searches that a new listing matches, over two user shards (SQLite); "
            "beside it, comparing the listing with every search, and recording what it matches. One search in "
            f"{_WITHOUT_WORDS} names a category and no words.\n\n"
            f"{report.table(head, rows)}\n\n"
            f"From {few:,} to {many:,} saved searches a listing costs {self.ratio:.1f} times as much; "
            f"target at most {TARGET:.0f}."
        )


def main(argv: list[str]) -> int:
    """Print the figures and write docs/performance.md; the exit status says whether the ratio is within the target."""
    parser = argparse.ArgumentParser(prog="bench alerts", description=__doc__)
    parser.add_argument("--searches", type=int, nargs="+", default=list(SIZES))
    parser.add_argument("--json", action="store_true", help="print the figures as JSON and write no page")
    options = parser.parse_args(argv)
    found = matching(options.searches)
    if options.json:
        print(json.dumps(found.figures(), indent=1))
    else:
        print(found.text())
        report.write("alerts", found.text())
    return 0 if found.met else 1


def matching(sizes: Sequence[int] = SIZES) -> Matching:
    """The cost of a listing at each number of saved searches, on fresh SQLite databases.

    Makes their fleet the current one of this process, and another key that of its ids.
    """
    with tempfile.TemporaryDirectory(prefix="bench-alerts-") as home:
        shards = {name: f"sqlite:///{home}/{name}.sqlite" for name in ("u1", "u2", "c1")}
        fleet = use(Fleet(f"sqlite:///{home}/directory.sqlite", shards))
        ids.configure(b"the key of a bench, of no use elsewhere")
        upgrade_all(fleet)
        try:
            return Matching(list(_measured(Path(home), sorted(sizes))))
        finally:
            fleet.dispose()


def _measured(home: Path, sizes: Sequence[int]) -> Iterator[Figure]:
    listings = _listings(_LISTINGS, _SEED, 1)
    index = WhooshIndex(home / "index")
    index.rebuild(listings, {})
    language = Language(home / "index", home / "words.toml")
    wanted = _with_keys(_requests(listings, random.Random(_SEED)), KeyMaker(language, index))
    new = _listings(_NEW, _SEED + 1, _NEW_OWNERS)
    saved: list[str] = []
    empty = _bytes(home)
    for size in sizes:
        more = list(islice(wanted, size - len(saved)))
        _save(more)
        saved += [request for request, _ in more]
        yield _measure(language, new, saved, (_bytes(home) - empty) / 1e6)


def _measure(language: Language, new: Sequence[Document], saved: Sequence[str], megabytes: float) -> Figure:
    before, matcher = private(), Matcher(language)
    gc.collect()
    gc.freeze()  # as every process of the site does
    # All in turn, several times: a worker remembers no more of questions than it would, and what else the machine does
    # counts as little as may be.
    times = list(map(min, *([_timed(matcher.searches, listing)[0] for listing in new] for _ in range(_ROUNDS))))
    matched, recording = [], []
    for listing in new:
        found = matcher.searches(listing)
        matched.append(len(found))
        # Under another number, so that it is news at each size.
        recording.append(_timed(alerts.note_matches, listing.listing + len(saved), listing.revision, found)[0])
    grown_by = (private() - before) / 1e6
    gc.unfreeze()
    return Figure(
        searches=len(saved),
        p50_ms=statistics.median(times),
        p95_ms=statistics.quantiles(times, n=20)[-1],
        mean_ms=statistics.fmean(times),
        one_by_one_ms=statistics.median(_one_by_one(matcher, each, saved) for each in new[:_ONE_BY_ONE]),
        matched=statistics.fmean(matched),
        recording_ms=statistics.fmean(recording),
        megabytes=megabytes,
        private_megabytes=grown_by,
    )


def _timed(work: Callable[..., T], *arguments: Any) -> tuple[float, T]:
    """Milliseconds of processor, and what came of it."""
    started = time.process_time()
    made = work(*arguments)
    return (time.process_time() - started) * 1000, made


def _one_by_one(matcher: Matcher, listing: Document, saved: Sequence[str]) -> float:
    def compare() -> int:
        subject = matcher.subject(listing)
        return sum(matcher.fits(subject, request) for request in saved)

    return _timed(compare)[0]


def _listings(count: int, seed: int, first_owner: int) -> list[Document]:
    texts = grown(list(islice(demo_texts(seed), min(count, 2_000))), count, seed)
    by_id = {ids.compose(first_owner + at // 1000, 1 + at % 1000): text for at, text in enumerate(texts)}
    return make_listings(by_id, seed)


def _requests(listings: Sequence[Document], chance: random.Random) -> Iterator[str]:
    """Searches as people would save them, without an end: a few words out of titles, most often in a place, often with
    a category, a price or a distance; the popular ones many times. Some want whatever comes into a category."""
    texts = phrases([each.title for each in listings], 20_000, chance)
    while True:
        like = chance.choice(listings)
        filters = _filters(like, chance)
        if chance.randrange(_WITHOUT_WORDS) == 0:
            yield alerts.to_text(SearchRequest(**{**filters, "category": like.category}))
            continue
        # Squared: what comes first comes often.
        text = texts[int(len(texts) * chance.random() ** 2)]
        yield alerts.to_text(SearchRequest(text, **filters))


def _filters(like: Document, chance: random.Random) -> dict[str, Any]:
    filters: dict[str, Any] = {}
    place = chance.random()
    if place < 0.5:
        filters["city"] = like.city
    elif place < 0.65 and like.lat is not None and like.lon is not None:
        filters |= {"near": Point(like.lat, like.lon), "within_km": chance.choice((10.0, 25.0, 50.0))}
    elif place < 0.9:
        filters["country"] = like.country
    if chance.random() < 0.2:
        filters["category"] = like.category
    if chance.random() < 0.4:
        filters |= {"price_max": chance.choice((5_000, 20_000, 100_000)), "currency": "EUR"}
    return filters


def _with_keys(requests: Iterator[str], maker: KeyMaker) -> Iterator[tuple[str, Keys]]:
    """Those that can be saved."""
    for request in requests:
        with suppress(Invalid):
            yield request, maker.keys(request)


def _save(searches: Sequence[tuple[str, Keys]]) -> None:
    for at in range(0, len(searches), _AT_ONCE):
        some = searches[at : at + _AT_ONCE]
        by_owner = dict(zip(allocate_owners(len(some)), some, strict=True))
        for shard, owners in by_shard("user", by_owner).items():
            _save_on(shard, {owner: by_owner[owner] for owner in owners})


def _save_on(shard: str, searches: dict[int, tuple[str, Keys]]) -> None:
    rows, keys = [], []
    with bulk(shard, "user", searches) as session:
        taken = take_many(session, Family.SAVED_SEARCH, dict.fromkeys(searches, 1))
        for owner, (request, made) in searches.items():
            id = taken[owner][0]
            rows.append(_row(id, owner, request, made.analysis))
            keys += [{**each._asdict(), "search": id, "owner": owner} for each in dict.fromkeys(made.keys)]
        session.execute(insert(SavedSearch), rows)
        session.execute(insert(SearchKey), keys)


def _row(id: int, owner: int, request: str, analysis: str) -> dict[str, Any]:
    fixed = {"name": "Search", "parameters": {}, "frequency": "daily", "state": "active", "created_at": 0}
    return {**fixed, "id": id, "owner": owner, "request": request, "analysis": analysis, "due_at": None, "mailed_at": 0}


def _bytes(home: Path) -> int:
    return sum(path.stat().st_size for path in home.glob("u?.sqlite*"))
