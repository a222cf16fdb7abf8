"""From the first failure to the switch, and back: what is tried, what is spared, and what the seller is told."""

import pytest
from sqlalchemy import select

from shared import clock, webhooks
from shared.events import EventRow
from shared.sharding import read, transaction
from shared.webhooks.models import DeliveryRow
from tests.factories import webhooks as factory

NOW, HOUR, DAY = 1_800_000_000, 3600, 86_400


def told(owner: int) -> list[str]:
    """What the seller was told of, in order."""
    mine = (
        select(EventRow).where(EventRow.owner == owner, EventRow.type == "WebhookHealthChanged").order_by(EventRow.id)
    )
    with read(owner) as session:
        return [row.body["health"] for row in session.execute(mine).scalars()]


def test_the_whole_story_of_an_endpoint_that_never_answers_again(owner, endpoint):
    with clock.freeze(NOW):
        factory.told(owner)
        degraded = factory.fail_until(endpoint, "degraded")
    assert told(owner) == ["degraded"]
    with clock.freeze(degraded):
        probing = factory.fail_until(endpoint, "probing")
    assert probing - NOW >= 15 * 60
    with clock.freeze(probing):
        disabled = factory.fail_until(endpoint, "disabled")
    assert 5 * DAY <= disabled - NOW < 5 * DAY + 2 * HOUR
    assert told(owner) == ["degraded", "failing_24h", "failing_72h", "disabled"]
    shown = factory.shown(endpoint)
    assert (shown.reason, shown.missed, shown.waiting) == ("failing", 1, 0)


def test_four_failures_in_a_row_make_it_degraded_and_three_do_not(owner, endpoint):
    with clock.freeze(NOW):
        factory.told(owner, listings=4)
        attempts = factory.take(endpoint)
        factory.turn(endpoint, [(each, factory.REFUSED) for each in attempts[:3]])
        assert factory.shown(endpoint).state == "active"
        factory.turn(endpoint, [(attempts[3], factory.REFUSED)])
    assert factory.shown(endpoint).state == "degraded"


def test_a_success_in_between_begins_the_count_anew(owner, endpoint):
    with clock.freeze(NOW):
        factory.told(owner, listings=4)
        attempts = factory.take(endpoint)
        answers = [factory.REFUSED, factory.REFUSED, factory.OK, factory.REFUSED]
        factory.turn(endpoint, list(zip(attempts, answers, strict=True)))
    assert (factory.shown(endpoint).state, factory.shown(endpoint).failures) == ("active", 1)
    assert told(owner) == []


def test_a_degraded_endpoint_is_sent_one_delivery_at_a_time(owner, endpoint):
    with clock.freeze(NOW):
        factory.told(owner, listings=8)
        now = factory.fail_until(endpoint, "degraded")
    with clock.freeze(now):
        assert factory.take(endpoint) == []
    with clock.freeze(now + 10):
        assert len(factory.take(endpoint)) == 1
        assert factory.take(endpoint) == []


def test_a_probing_endpoint_is_sent_one_delivery_an_hour_which_costs_the_ladder_nothing(owner, endpoint):
    with clock.freeze(NOW):
        factory.told(owner, listings=3)
        now = factory.fail_until(endpoint, "probing")
    steps = ladder_steps(owner)
    probed = []
    for _ in range(6):
        now = factory.next_due(endpoint) or 0
        with clock.freeze(now):
            attempts = factory.take(endpoint)
            assert len(attempts) == 1
            probed.append(attempts[0].delivery)
            factory.turn(endpoint, [(attempts[0], factory.REFUSED)])
        following = factory.next_due(endpoint) or 0
        assert HOUR * 0.8 <= following - now <= HOUR * 1.2
    assert ladder_steps(owner) == steps
    assert len(set(probed)) == 3, "one poisoned delivery must not be the only one that is tried"


def ladder_steps(owner: int) -> list[int]:
    with read(owner) as session:
        rows = session.execute(select(DeliveryRow).where(DeliveryRow.owner == owner).order_by(DeliveryRow.id))
        return [row.steps for row in rows.scalars()]


@pytest.mark.parametrize("state", ["degraded", "probing"])
def test_one_success_ends_the_story_and_brings_what_waited_as_fast_as_the_limits_allow(owner, state):
    endpoint = factory.endpoint(owner, per_second=2)
    with clock.freeze(NOW):
        factory.told(owner, listings=7)
        factory.fail_until(endpoint, state)
    now = factory.next_due(endpoint) or 0
    with clock.freeze(now):
        assert factory.answer_all(endpoint, factory.OK) == 1
        assert factory.shown(endpoint).state == "active"
        assert factory.answer_all(endpoint, factory.OK) == 1
        assert factory.answer_all(endpoint, factory.OK) == 0
    for seconds in (1, 2, 3):
        with clock.freeze(now + seconds):
            factory.answer_all(endpoint, factory.OK)
    assert factory.states(endpoint) == ["delivered"] * 7
    assert told(owner) == ["degraded", "recovered"]


def test_the_seller_can_have_a_failing_endpoint_tried_at_once(owner, endpoint):
    with clock.freeze(NOW):
        factory.told(owner)
        now = factory.fail_until(endpoint, "probing")
    with clock.freeze(now + 60):
        assert factory.take(endpoint) == []
        with transaction(owner) as session:
            webhooks.try_now(session, endpoint)
        assert factory.answer_all(endpoint, factory.OK) == 1
    assert factory.shown(endpoint).state == "active"


def test_a_disabled_endpoint_that_is_switched_on_has_a_clean_record_and_may_get_what_it_missed(owner, endpoint):
    with clock.freeze(NOW):
        factory.told(owner, listings=2)
        now = factory.fail_until(endpoint, "disabled")
    with clock.freeze(now + DAY):
        factory.told(owner)
        with transaction(owner) as session:
            webhooks.enable(session, endpoint)
            assert webhooks.replay_range(session, endpoint, webhooks.Range(missed_only=True)) == 3
        assert factory.answer_all(endpoint, factory.REFUSED) == 3
        assert factory.shown(endpoint).state == "active"
        assert factory.shown(endpoint).failures == 3


def test_failures_weeks_apart_are_stories_of_their_own(owner, endpoint):
    """Nothing was tried in between, so nothing is known of that time."""
    for week in range(5):
        with clock.freeze(NOW + week * 7 * DAY):
            factory.told(owner)
            attempt = factory.take(endpoint, room=1)[0]
            factory.turn(endpoint, [(attempt, factory.REFUSED)])
            assert factory.shown(endpoint).failing_since == NOW + week * 7 * DAY
    assert factory.shown(endpoint).state == "active"
