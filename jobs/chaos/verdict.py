"""What a chaos run left behind, compared with what was published."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import select

from jobs.consumers import subscriptions
from shared import scheduling, sharding
from shared.catalog.models import LISTINGS
from shared.events import EventRow
from shared.events.audit import audit
from shared.ids import owner_of
from shared.sharding import concatenate, fan_out, table_of
from shared.webhooks import signing
from shared.webhooks.models import DeliveryRow

# An operator delivers everything to it once more, so that its marks are younger than its effects.
REPLAYED = "keep_catalogue"
_events, _deliveries = table_of(EventRow), table_of(DeliveryRow)


@dataclass(frozen=True, slots=True)
class State:
    """How far it has come; see `jobs.chaos.events.Report` for the words."""

    published: int
    lost: list[str]
    doubled: int
    webhooks: int
    webhooks_lost: int
    deliveries: int
    gaps: int
    slowest: int

    @property
    def quiet(self) -> bool:
        """Whether nothing is under way any more."""
        return not (self.lost or self.webhooks_lost)


def look(published: Mapping[int, int], told: Collection[int], taken: Counter[str]) -> State:
    """`published`: listing to city; `told`: owners with an endpoint; `taken`: messages that the receiver accepted."""
    names = {type: [each.name for each in consumers] for type, consumers in subscriptions().items()}
    audits = [audit(shard, names) for shard in sharding.current().names("user")]
    created = _created()
    events = [event for event, listing in created if owner_of(listing) in told]
    recorded = Counter(listing for _, listing in created)
    on_view = _on_view()
    delivered = Counter(_delivered())
    missing = [event for event in events if not (taken[signing.message_id(event)] and delivered[event])]
    doubled = sum(count - 1 for counts in (recorded, on_view, delivered) for count in counts.values())
    lost = [f"{each.consumer} has not done event {each.event} ({each.state})" for its in audits for each in its.lost]
    lost += [f"listing {listing} has no event" for listing in published.keys() - recorded.keys()]
    lost += [f"listing {listing} is not on view" for listing in published.keys() - on_view.keys()]
    return State(
        published=len(published),
        lost=[*lost, *_unfinished_slots()],
        doubled=doubled,
        webhooks=len(events),
        webhooks_lost=len(missing),
        deliveries=sum(each.due for each in audits),
        gaps=sum(each.gaps for each in audits),
        slowest=max(seconds for each in audits for consumer, seconds in each.slowest.items() if consumer != REPLAYED),
    )


def _created() -> list[tuple[int, int]]:
    """The events of listings that were published, with the listings."""
    statement = select(_events.c.id, _events.c.body).where(_events.c.type == "NewListingCreated")
    return [(event, body["listing"]) for event, body in fan_out(statement, keyspace="user", merge=concatenate)]


def _delivered() -> list[int]:
    statement = select(_deliveries.c.message).where(_deliveries.c.state == "delivered")
    return [event for (event,) in fan_out(statement, keyspace="user", merge=concatenate)]


def _on_view() -> Counter[int]:
    statement = select(LISTINGS.c.listing)
    return Counter(listing for (listing,) in fan_out(statement, keyspace="city", merge=concatenate))


def _unfinished_slots() -> list[str]:
    runs = scheduling.runs(limit=1000, status="due")
    return [f"{run.schedule} of {run.slot} has not ended: {run.output}, {run.attempts} tries" for run in runs]
