"""How soon a published ad is found and a removed one is gone, on the running site while ads are being posted.

The whole site runs as `python3 run.py` runs it. The clock starts when the seller's commit is done and stops when the
results page first agrees.
"""

import argparse
import http.client
import json
import os
import random
import statistics
import string
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from benchmarks import report
from benchmarks.pages import demo
from benchmarks.serving import CannotMeasure, free_port
from shared import catalog, listings
from shared.config import ROOT
from shared.ids import owner_of
from shared.listings import Details, Listing
from shared.sharding import OwnerSession, unit_of_work

MOST_SECONDS = 4.0
_START_SECONDS, _STOP_SECONDS, _LOST_SECONDS = 90, 40, 60
# Between two looks at the results for one ad.
_LOOK_SECONDS = 0.05
_INNSBRUCK = 2775220


@dataclass(slots=True)
class Ad:
    """An ad on its way into the results or, once `found`, out of them. `since` is when its last commit was done."""

    listing: int
    word: str
    since: float
    found: bool = False


def main(argv: list[str]) -> int:
    """Measure, print, write docs/performance.md; the exit status says whether the budget was met."""
    parser = argparse.ArgumentParser(prog="bench freshness", description=__doc__)
    parser.add_argument("--listings", type=int, default=20_000, help="how many there are before")
    parser.add_argument("--ads", type=int, default=300, help="how many are posted, and removed when they were found")
    parser.add_argument("--rate", type=float, default=5.0, help="ads posted a second")
    parser.add_argument("--home", type=Path, default=ROOT / "var" / "bench", help="where the demo databases are kept")
    options = parser.parse_args(argv)
    environ = demo(options.home / str(options.listings), options.listings)
    sellers = sorted({owner_of(row.listing) for row in catalog.page(catalog.Scope(), limit=200).rows})
    with site(environ) as port:
        took = measure(port, sellers, options.ads, options.rate)
    text = _text(took, options)
    print(text)
    report.write("freshness", text)
    return 1 if "MISSED" in text else 0


@contextmanager
def site(environ: Mapping[str, str]) -> Iterator[int]:
    """The whole site with all its processes; its port."""
    port = free_port()
    binds = {"STEVESLIST_PUBLIC_BIND": f"127.0.0.1:{port}", "STEVESLIST_STAFF_BIND": f"127.0.0.1:{free_port()}"}
    said = Path(environ["STEVESLIST_VAR"]) / "log" / "bench.log"
    with said.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "jobs.cli"],
            cwd=ROOT, env={**os.environ, **environ, **binds}, stdout=file, stderr=subprocess.STDOUT,
        )  # fmt: skip
    try:
        deadline = time.monotonic() + _START_SECONDS
        while not _is_ready(port):
            if process.poll() is not None or time.monotonic() > deadline:
                raise CannotMeasure(f"The site did not start; {said} says why.")
            time.sleep(0.2)
        yield port
    finally:
        process.terminate()
        process.wait(_STOP_SECONDS)


def _is_ready(port: int) -> bool:
    with suppress(OSError, http.client.HTTPException):
        return bool(json.loads(_get(port, "/readyz"))["ready"])
    return False


def _get(port: int, path: str) -> str:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path)
        return connection.getresponse().read().decode()
    finally:
        connection.close()


def measure(port: int, sellers: Sequence[int], ads: int, rate: float) -> dict[str, list[float]]:
    """{"found": seconds of each ad, "gone": the same}. Raises CannotMeasure for an ad that never changes the page."""
    chance = random.Random("freshness")
    waiting: list[Ad] = []
    took: dict[str, list[float]] = {"found": [], "gone": []}
    posted, next_post = 0, time.monotonic()
    while posted < ads or waiting:
        if posted < ads and time.monotonic() >= next_post:
            waiting.append(_post(chance.choice(sellers), "".join(chance.choices(string.ascii_lowercase, k=12))))
            posted, next_post = posted + 1, next_post + 1 / rate
        started = time.monotonic()
        waiting = [ad for ad in waiting if not _is_done(port, ad, took)]
        time.sleep(max(0.0, started + _LOOK_SECONDS - time.monotonic()))
    return took


def _is_done(port: int, ad: Ad, took: dict[str, list[float]]) -> bool:
    """Look at the results; an ad that is found is removed and goes on waiting, one that is gone is done."""
    seen = f">Lantern {ad.word}</a>" in _get(port, f"/search?q={ad.word}&exact=1")
    seconds = time.monotonic() - ad.since
    if seen == ad.found:
        if seconds > _LOST_SECONDS:
            raise CannotMeasure(f"The results for {ad.word} do not change; is the indexer at work?")
        return False
    took["gone" if ad.found else "found"].append(seconds)
    if not ad.found:
        unit_of_work(owner_of(ad.listing), lambda session: listings.remove(session, _mine(session, ad.listing)))
        ad.found, ad.since = True, time.monotonic()
        return False
    return True


def _post(owner: int, word: str) -> Ad:
    """Publish an ad by the seller's own verbs."""
    details = Details(title=f"Lantern {word}", body="It gives light.", price_kind="free", city=_INNSBRUCK)

    def post(session: OwnerSession) -> int:
        id = listings.start_draft(session, "household", "Ada")
        session.flush()  # it is read back below
        listings.edit(session, _mine(session, id), details)
        listings.publish(session, _mine(session, id))
        return id

    id = unit_of_work(owner, post)
    return Ad(id, word, time.monotonic())


def _mine(session: OwnerSession, id: int) -> Listing:
    return listings.listing_for_seller(session, id, owner_of(id))


def _text(took: Mapping[str, Sequence[float]], options: argparse.Namespace) -> str:
    head = ["", "p50 s", "p95 s", "most s"]
    rows = []
    verdicts = []
    for what, seconds in took.items():
        cuts = statistics.quantiles(seconds, n=20)
        rows.append([what, f"{cuts[9]:.2f}", f"{cuts[18]:.2f}", f"{max(seconds):.2f}"])
        missed = "" if cuts[18] <= MOST_SECONDS else " - MISSED"
        verdicts.append(f"- {what}: p95 {cuts[18]:.2f} s, target at most {MOST_SECONDS:.0f}{missed}")
    about = (
        f"{options.ads} ads posted at {options.rate:g} a second on a running site with {options.listings:,} listings, "
        "each removed when it was found; from the seller's commit to the results page that agrees."
    )
    return "\n\n".join([about, report.table(head, rows), "\n".join(verdicts)])
