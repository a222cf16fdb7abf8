"""No statement of the room reads through rows of strangers."""

import pytest

from shared import webhooks
from shared.sharding import read, transaction
from shared.webhooks import Range
from tests.factories import webhooks as factory
from tests.factories.listings import published
from tests.factories.plans import plans

pytestmark = pytest.mark.sqlite_plans


@pytest.fixture
def shard(fleet, owner):
    return fleet.shard(fleet.placement.lookup("user", owner).shard)


def within(owner: int, verb, *arguments, **named):
    def work() -> None:
        with transaction(owner) as session:
            verb(session, *arguments, **named)

    return work


def scans(found: list[str]) -> list[str]:
    return [each for each in found if "SCAN webhook_" in each]


def test_publishing_an_event_asks_for_its_owners_endpoints_alone(owner, endpoint, shard):
    published(owner)
    assert scans(plans(shard, lambda: factory.publish_events(owner))) == []
    assert factory.states(endpoint) == ["waiting"]


def test_the_sender_finds_what_is_due_by_an_index(owner, endpoint, shard):
    factory.told(owner)
    found = plans(shard, lambda: webhooks.due(shard.name, slow=False, limit=10))
    found += plans(shard, lambda: factory.answer_all(endpoint, factory.REFUSED))
    assert len(found) > 8
    assert scans(found) == []


def test_the_pages_of_a_seller_read_what_is_his(owner, endpoint, shard):
    factory.told(owner)
    factory.answer_all(endpoint, factory.OK)
    delivery = factory.deliveries(endpoint)[0].id

    def look() -> None:
        with read(owner) as session:
            webhooks.endpoints(session)
            webhooks.deliveries(session, endpoint, type="listing.created", state="delivered")
            webhooks.attempts(session, delivery)
            webhooks.count(session, endpoint, Range(missed_only=True))

    assert scans(plans(shard, look)) == []


def test_what_a_seller_changes_touches_what_is_his(owner, endpoint, shard):
    factory.told(owner)
    factory.answer_all(endpoint, factory.OK)
    other = factory.endpoint(owner)
    found = plans(shard, lambda: factory.endpoint(owner))
    for verb, arguments in (
        (webhooks.replay_range, (endpoint, Range(), other)),
        (webhooks.try_now, (endpoint,)),
        (webhooks.disable, (endpoint,)),
        (webhooks.remove, (endpoint,)),
        (webhooks.forget_all, ()),
    ):
        found += plans(shard, within(owner, verb, *arguments))
    assert len(found) > 20
    assert scans(found) == []
