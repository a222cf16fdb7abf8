"""Listings are published, webhooks sent and jobs run while processes die; at the end nothing may be lost or doubled."""

import random
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass

from jobs.chaos.killing import Blow, Killer, plan
from jobs.chaos.receiver import Receiver, receiving
from jobs.chaos.site import own_site
from jobs.chaos.verdict import REPLAYED, State, look
from shared import clock, listings, places, sharding, webhooks
from shared.accounts.bulk import NewAccount, create_many
from shared.events import parked
from shared.listings import Details
from shared.sharding import OwnerSession, unit_of_work
from shared.steps import Step

SELLERS = 24
_TOLD = 20
_OF_THE_TIMETABLE = [step for step in Step if step.startswith(("scheduler-", "scheduled-"))]
# Something of the timetable is due every minute, and may come to several steps.
_LAST_ORDERS_SECONDS = 90.0


@dataclass(frozen=True, slots=True)
class Report:
    """What a run came to.

    `lost`: deliveries of events to consumers that are not done, listings not on view, slots that did not end; `amiss`
    has words about the first of them. `doubled`: what is there twice. `webhooks_lost`: messages that the receiver never
    took, or that the log does not show as delivered. `slowest_seconds`: from an event to the last of its consumers.
    """

    seed: int
    published: int
    lost: int
    amiss: list[str]
    doubled: int
    webhooks_lost: int
    webhooks: int
    webhooks_repeated: int
    deliveries: int
    gaps: int
    kills: dict[str, int]
    never_reached: list[str]
    slowest_seconds: int
    seconds: int

    @property
    def well(self) -> bool:
        return not (self.lost or self.doubled or self.webhooks_lost or self.gaps)


def run(
    count: int,
    seed: int,
    *,
    kills: int,
    seconds: float,
    patience: float,
    databases: Mapping[str, str],
) -> Report:
    """Publish `count` listings over about `seconds` while `kills` blows fall; then wait for quiet, at most `patience`.

    `databases`: values of DIRECTORY_URL and SHARDS when they are not to be SQLite files.
    """
    rng, started = random.Random(seed), time.monotonic()
    with ExitStack() as stack:
        receiver = stack.enter_context(receiving(random.Random(seed)))
        site = stack.enter_context(own_site(databases))
        killer = Killer(site, rng)
        published = _publish_under_fire(count, rng, receiver, killer, plan(rng, kills), seconds)
        state = _await_quiet(published, receiver, killer, patience)
        never_reached = killer.withdraw()
    return Report(
        seed=seed,
        published=state.published,
        lost=len(state.lost),
        amiss=state.lost[:_TOLD],
        doubled=state.doubled,
        webhooks_lost=state.webhooks_lost,
        webhooks=state.webhooks,
        webhooks_repeated=sum(receiver.taken.values()) - len(receiver.taken),
        deliveries=state.deliveries,
        gaps=state.gaps,
        kills=killer.hits(),
        never_reached=never_reached,
        slowest_seconds=state.slowest,
        seconds=round(time.monotonic() - started),
    )


@dataclass(frozen=True, slots=True)
class Published:
    """What was published: the listings' ids with their cities, and the owners who want to be told by webhook."""

    listings: dict[int, int]
    told: list[int]


def _publish_under_fire(
    count: int, rng: random.Random, receiver: Receiver, killer: Killer, blows: list[Blow], seconds: float
) -> Published:
    """Spread the listings and the blows over the time; past the middle the catalogue is delivered everything again."""
    began = clock.now()
    sellers, told = _sellers(receiver)
    cities = [place.id for country in places.countries()[:8] for place in places.cities(country, limit=3)]
    found: dict[int, int] = {}
    due = _when(rng, blows, count)
    for number in range(count):
        while due and due[0][0] <= number:
            killer.strike(due.pop(0)[1])
        killer.tend()
        city = rng.choice(cities)
        found[_publish(rng.choice(sellers), number, city)] = city
        if number == count * 2 // 3:
            _replay(began)
        time.sleep(seconds / count)
    return Published(found, told)


def _when(rng: random.Random, blows: list[Blow], count: int) -> list[tuple[int, Blow]]:
    """Before which listing each blow falls: those that wait at a step early, so that somebody still gets there.

    The timetable's at once: the site has been away for long and has much to make up for.
    """
    moments = [
        0 if blow.step in _OF_THE_TIMETABLE else rng.randrange(count // 3 + 1 if blow.step else count) for blow in blows
    ]
    return sorted(zip(moments, blows, strict=True), key=lambda each: each[0])


def _sellers(receiver: Receiver) -> tuple[list[int], list[int]]:
    """People who sell, and those of them who have an endpoint: every other one."""
    new = [NewAccount(f"chaos-{number}@example.org", f"Seller {number}") for number in range(SELLERS)]
    owners = list(create_many(new, password_hash=""))
    told = owners[::2]
    for owner in told:
        unit_of_work(owner, lambda session: webhooks.create(session, url=receiver.url, types=["listing.created"]))
    return owners, told


def _publish(owner: int, number: int, city: int) -> int:
    details = Details(title=f"Bicycle {number}", body="Two wheels.", price_kind="free", city=city)

    def work(session: OwnerSession) -> int:
        listing_id = listings.start_draft(session, "bikes", "Seller")
        session.flush()  # read back below
        listing = listings.listing_for_seller(session, listing_id, owner)
        listings.edit(session, listing, details)
        listings.publish(session, listing)
        return listing_id

    return unit_of_work(owner, work)


def _replay(since: int) -> None:
    """An operator delivers everything to a consumer again; what comes of it must be the same."""
    for shard in sharding.current().names("user"):
        parked.replay(shard, REPLAYED, ["NewListingCreated"], since)


def _await_quiet(published: Published, receiver: Receiver, killer: Killer, patience: float) -> State:
    """Until nothing is under way any more and every order was met; for one that is not, at most _LAST_ORDERS."""
    began = time.monotonic()
    while True:
        waiting = killer.tend() and time.monotonic() < began + _LAST_ORDERS_SECONDS
        state = look(published.listings, published.told, receiver.taken)
        if (state.quiet and not waiting) or time.monotonic() > began + patience:
            return state
        time.sleep(1)
