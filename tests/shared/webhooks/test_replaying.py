"""Sending again: one, a range, everything missed, elsewhere, and how many it would be."""

import pytest
from sqlalchemy import update

from shared import clock, listings, webhooks
from shared.errors import NotFound
from shared.sharding import read, transaction
from shared.webhooks import Range, replaying
from shared.webhooks.housekeeping import KEEP_SECONDS
from shared.webhooks.models import DeliveryRow
from tests.factories import webhooks as factory
from tests.factories.listings import change, published, seller

NOW = 1_800_000_000
ALL, MISSED = Range(), Range(missed_only=True)


@pytest.fixture
def endpoint(owner) -> int:
    """With three deliveries, a minute apart: delivered, failed, missed."""
    made = factory.endpoint(owner)
    for minute, state in enumerate(("delivered", "failed", "missed")):
        with clock.freeze(NOW + 60 * minute):
            factory.told(owner)
            newest = factory.deliveries(made)[0].id
            with transaction(owner) as session:
                its = (DeliveryRow.owner == owner, DeliveryRow.id == newest)
                session.execute(update(DeliveryRow).where(*its).values(state=state, due_at=None, steps=3, ended_at=NOW))
    return made


def do(owner: int, verb, *arguments, **named):
    with transaction(owner) as session:
        return verb(session, *arguments, **named)


def test_any_delivery_can_be_sent_again_with_the_same_id_and_the_whole_ladder_before_it(owner, endpoint):
    first = factory.deliveries(endpoint)[-1]
    do(owner, webhooks.replay, first.id)
    do(owner, webhooks.replay, first.id)
    (attempt,) = factory.take(endpoint)
    assert attempt.delivery == first.id
    assert attempt.headers["webhook-id"] == first.message_id
    assert factory.states(endpoint) == ["sending", "failed", "missed"]


def test_a_strangers_delivery_cannot_be_sent_again(owner, endpoint):
    with pytest.raises(NotFound):
        do(seller(), webhooks.replay, factory.deliveries(endpoint)[0].id)


def test_everything_missed_is_what_failed_or_was_missed(owner, endpoint):
    assert do(owner, webhooks.replay_range, endpoint, MISSED) == 2
    assert factory.states(endpoint) == ["delivered", "waiting", "waiting"]
    assert do(owner, webhooks.replay_range, endpoint, MISSED) == 0


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (ALL, 3),
        (Range(since=NOW + 60), 2),
        (Range(until=NOW + 60), 2),
        (Range(since=NOW + 60, until=NOW + 60), 1),
        (Range(types=["listing.created"]), 3),
        (Range(types=["listing.sold"]), 0),
        (Range(missed_only=True), 2),
    ],
)
def test_the_dry_run_counts_what_is_then_sent(owner, endpoint, wanted, expected):
    with read(owner) as session:
        assert webhooks.count(session, endpoint, wanted) == expected
    assert do(owner, webhooks.replay_range, endpoint, wanted) == expected
    assert factory.states(endpoint).count("waiting") == expected


def test_what_is_under_way_is_not_sent_twice(owner, endpoint):
    factory.told(owner)
    assert do(owner, webhooks.replay_range, endpoint, ALL) == 3


def test_a_range_can_be_sent_to_another_endpoint_whatever_that_subscribes_to(owner, endpoint):
    other = factory.endpoint(owner, types=["listing.sold"])
    listing = published(owner)
    factory.publish_events(owner)
    change(listing, listings.mark_sold)
    factory.publish_events(owner)
    known = factory.deliveries(other)
    factory.answer_all(other, factory.OK)
    assert len(known) == 1
    with read(owner) as session:
        assert webhooks.count(session, endpoint, ALL, to=other) == 5
    assert do(owner, webhooks.replay_range, endpoint, ALL, to=other) == 5
    assert factory.states(other) == ["waiting"] * 5
    assert factory.states(endpoint).count("delivered") == 1, "the first endpoint is left as it was"
    here = {each.message_id for each in factory.deliveries(endpoint)}
    assert {each.message_id for each in factory.deliveries(other)} == here


def test_nothing_is_sent_again_to_an_endpoint_that_is_off(owner, endpoint):
    do(owner, webhooks.disable, endpoint)
    for verb, arguments in (
        (webhooks.replay, [factory.deliveries(endpoint)[0].id]),
        (webhooks.replay_range, [endpoint, ALL]),
    ):
        with pytest.raises(webhooks.EndpointDisabled):
            do(owner, verb, *arguments)


def test_more_than_ten_thousand_are_refused_before_anything_happens(owner, endpoint, monkeypatch):
    monkeypatch.setattr(replaying, "MOST_REPLAYED", 2)
    with pytest.raises(webhooks.TooMany):
        do(owner, webhooks.replay_range, endpoint, ALL)
    assert "waiting" not in factory.states(endpoint)


def test_everything_is_forgotten_after_thirty_days_and_not_before(fleet, owner, endpoint):
    do(owner, webhooks.replay_range, endpoint, ALL)
    with clock.freeze(NOW + 60):
        for _ in range(5):
            factory.answer_all(endpoint, factory.OK)
    forget = (webhooks.forget_attempts, webhooks.forget_deliveries, webhooks.forget_messages)
    shard = fleet.placement.lookup("user", owner).shard
    with clock.freeze(NOW + KEEP_SECONDS):
        assert [each(shard) for each in forget] == [0, 0, 0]
    with clock.freeze(NOW + KEEP_SECONDS + 3600):
        gone = [each(shard) for each in forget]
    assert gone[1:] == [3, 3]
    assert factory.states(endpoint) == []
