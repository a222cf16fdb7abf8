"""From the commit of a publication to its effect at a consumer: the listing stands in the catalogue."""

import random
import statistics
import time
from collections.abc import Mapping
from dataclasses import dataclass

from benchmarks.events.processes import running
from benchmarks.search.speed import percentile
from benchmarks.serving import CannotMeasure
from shared import catalog, listings, places
from shared.config import Settings
from shared.listings import Details
from shared.sharding import OwnerSession, allocate_owners, unit_of_work

_GIVE_UP_SECONDS, _LOOK_SECONDS = 60.0, 0.002
_WARM_UP = 10


@dataclass(frozen=True, slots=True)
class Delays:
    """Milliseconds of each publication."""

    ms: list[float]

    def figures(self) -> dict[str, float]:
        return {f"commit_to_consumer_p{share}_ms": round(percentile(self.ms, share / 100), 1) for share in (50, 95)}

    def text(self) -> str:
        """A sentence."""
        p50, p95 = self.figures().values()
        return (
            f"Commit to consumer (the listing stands in the catalogue), {len(self.ms)} publications one after the "
            f"other: p50 {p50:.0f} ms, p95 {p95:.0f} ms, mean {statistics.mean(self.ms):.0f} ms."
        )


def measure(settings: Settings, environ: Mapping[str, str], count: int) -> Delays:
    """Publish, look until the listing is on view; the pauses between are random, so that no poll falls into step."""
    chance = random.Random(1)
    city = next(place.id for country in places.countries()[:1] for place in places.cities(country, limit=1))
    owners = allocate_owners(20)
    with running(settings, environ, "valkey", "relay", "worker-events"):
        found = [_one(chance.choice(owners), city, chance.uniform(0, 0.5)) for _ in range(count + _WARM_UP)]
    return Delays(found[_WARM_UP:])


def _one(owner: int, city: int, pause: float) -> float:
    time.sleep(pause)
    listing = unit_of_work(owner, lambda session: publish(session, city))
    committed = time.perf_counter()
    while not catalog.rows_by_ids([(city, listing)]):
        if time.perf_counter() - committed > _GIVE_UP_SECONDS:
            raise CannotMeasure("A listing that was published did not come into the catalogue.")
        time.sleep(_LOOK_SECONDS)
    return (time.perf_counter() - committed) * 1000


def publish(session: OwnerSession, city: int) -> int:
    """A listing on view, in the caller's transaction; returns its id."""
    listing_id = listings.start_draft(session, "bikes", "Seller")
    session.flush()  # read back below
    listing = listings.listing_for_seller(session, listing_id, session.owner)
    listings.edit(session, listing, Details(title="Bicycle", body="Two wheels.", price_kind="free", city=city))
    listings.publish(session, listing)
    return listing_id
