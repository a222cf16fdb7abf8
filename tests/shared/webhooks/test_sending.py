"""Turns of the sender: leases, limits, the ladder, and what answers ask for."""

import threading

import pytest
from sqlalchemy import select, text

from shared import clock, events, ids, webhooks
from shared.sharding import read, transaction
from shared.webhooks import Answer, ladder
from shared.webhooks.models import EndpointRow
from shared.webhooks.sending import LEASE_SECONDS
from tests.factories import webhooks as factory

NOW = 1_800_000_000


def only(endpoint: int) -> webhooks.Delivery:
    (found,) = factory.deliveries(endpoint)
    return found


def attempts(endpoint: int) -> list[webhooks.PastAttempt]:
    with read(ids.owner_of(endpoint)) as session:
        return webhooks.attempts(session, only(endpoint).id)


def due_on(fleet, owner: int) -> dict[bool, list[int]]:
    shard = fleet.placement.lookup("user", owner).shard
    return {slow: webhooks.due(shard, slow=slow, limit=10) for slow in (False, True)}


def test_an_endpoint_is_due_when_something_waits_and_not_when_all_is_delivered(fleet, owner, endpoint):
    assert due_on(fleet, owner) == {False: [], True: []}
    factory.told(owner)
    assert due_on(fleet, owner) == {False: [endpoint], True: []}
    factory.answer_all(endpoint, factory.OK)
    assert due_on(fleet, owner) == {False: [], True: []}
    assert only(endpoint).state == "delivered"


def test_the_seller_sees_every_attempt_with_its_answer(owner, endpoint):
    with clock.freeze(NOW):
        factory.told(owner)
        factory.answer_all(endpoint, Answer(87, status=503, head="503 No", body="<b>later</b>"))
    with clock.freeze(NOW + 60):
        factory.answer_all(endpoint, Answer(15_000, fault="timeout", detail="No complete answer in time."))
    second, first = attempts(endpoint)
    assert (first.number, first.status, first.ms, first.body, first.at) == (1, 503, 87, "<b>later</b>", NOW)
    assert (second.number, second.status, second.fault) == (2, None, "timeout")
    assert only(endpoint).state == "waiting"


def test_what_is_taken_is_leased_and_due_again_when_its_sender_died(owner, endpoint):
    with clock.freeze(NOW):
        factory.told(owner)
        (first,) = factory.take(endpoint)
        assert factory.take(endpoint) == []
    with clock.freeze(NOW + LEASE_SECONDS - 1):
        assert factory.take(endpoint) == []
    assert factory.next_due(endpoint) == NOW + LEASE_SECONDS <= NOW + 30
    with clock.freeze(NOW + LEASE_SECONDS):
        (second,) = factory.take(endpoint)
    assert (second.delivery, second.number) == (first.delivery, first.number + 1)
    assert second.headers["webhook-id"] == first.headers["webhook-id"]


def test_a_sender_that_comes_back_too_late_leaves_its_attempt_in_the_log_and_changes_nothing(owner, endpoint):
    with clock.freeze(NOW):
        factory.told(owner)
        (late,) = factory.take(endpoint)
    with clock.freeze(NOW + LEASE_SECONDS):
        (current,) = factory.take(endpoint)
        factory.turn(endpoint, [(late, factory.REFUSED)])
        assert only(endpoint).state == "sending"
        factory.turn(endpoint, [(current, factory.OK)])
    assert only(endpoint).state == "delivered"
    assert [each.status for each in attempts(endpoint)] == [204, 500]


@pytest.mark.parametrize("answer", [factory.OK, factory.REFUSED], ids=["taken", "refused"])
def test_an_answer_that_is_recorded_again_since_nobody_heard_of_its_commit_counts_once(owner, endpoint, answer):
    with clock.freeze(NOW):
        factory.told(owner)
        (attempt,) = factory.take(endpoint)
        factory.turn(endpoint, [(attempt, answer)])
        before = (only(endpoint), factory.shown(endpoint), attempts(endpoint))
        factory.turn(endpoint, [(attempt, answer)])
        assert (only(endpoint), factory.shown(endpoint), attempts(endpoint)) == before


def test_the_ladder_is_climbed_step_by_step_and_ends_after_fourteen(owner, endpoint):
    """With another event that is accepted in between, so that it is this delivery that fails and not the endpoint."""
    now = NOW
    with clock.freeze(now):
        factory.told(owner)
    poisoned = only(endpoint).id
    for step in range(14):
        with clock.freeze(now):
            (attempt,) = factory.take(endpoint)
            factory.turn(endpoint, [(attempt, factory.REFUSED)])
            factory.told(owner)
            (well,) = factory.take(endpoint)
            factory.turn(endpoint, [(well, factory.OK)])
        with read(owner) as session:
            delivery = webhooks.delivery(session, poisoned)
        if step < 13:
            assert delivery.state == "waiting"
            waited = (delivery.next_at or 0) - now
            assert ladder.WAITS[step] * 0.8 - 1 <= waited <= ladder.WAITS[step] * 1.2 + 1
            now = delivery.next_at or 0
    assert (delivery.state, delivery.attempts, delivery.next_at) == ("failed", 14, None)
    assert factory.shown(endpoint).state == "active"
    assert factory.shown(endpoint).missed == 1


@pytest.mark.parametrize(("asked", "waited"), [("1", 5), ("7", 7), ("3600", 10)])
def test_retry_after_is_followed_within_its_bounds(owner, endpoint, asked, waited):
    with clock.freeze(NOW):
        factory.told(owner)
        factory.answer_all(endpoint, Answer(5, status=429, retry_after=asked))
        assert only(endpoint).next_at == NOW + waited


@pytest.mark.parametrize("status", [429, 502, 504])
def test_an_endpoint_that_asks_for_patience_gets_nothing_else_meanwhile(owner, endpoint, status):
    with clock.freeze(NOW):
        factory.told(owner, listings=2)
        (one,) = factory.take(endpoint, room=1)
        factory.turn(endpoint, [(one, Answer(5, status=status, retry_after="8"))])
        assert factory.take(endpoint) == []
    with clock.freeze(NOW + 8):
        assert len(factory.take(endpoint)) == 2


def test_other_failures_hold_up_nothing_else(owner, endpoint):
    with clock.freeze(NOW):
        factory.told(owner, listings=2)
        (one,) = factory.take(endpoint, room=1)
        factory.turn(endpoint, [(one, factory.REFUSED)])
        assert len(factory.take(endpoint)) == 1


@pytest.mark.parametrize("status", [301, 302, 307, 400, 401, 404, 500, 503])
def test_whatever_is_no_2xx_is_a_failure(owner, endpoint, status):
    factory.told(owner)
    factory.answer_all(endpoint, Answer(5, status=status))
    assert only(endpoint).state == "waiting"
    assert factory.shown(endpoint).failures == 1


def test_a_2xx_that_never_ended_is_a_failure(owner, endpoint):
    factory.told(owner)
    factory.answer_all(endpoint, Answer(15_000, status=200, fault="timeout"))
    assert only(endpoint).state == "waiting"


@pytest.mark.parametrize(
    ("answer", "reason", "state"),
    [
        (Answer(5, status=410), "gone", "missed"),
        (Answer(5, status=500, control="disable"), "receiver", "missed"),
        (Answer(5, status=200, control="disable"), "receiver", "delivered"),
    ],
)
def test_a_receiver_can_switch_its_endpoint_off(owner, endpoint, answer, reason, state):
    factory.told(owner, listings=2)
    (one,) = factory.take(endpoint, room=1)
    factory.turn(endpoint, [(one, answer)])
    shown = factory.shown(endpoint)
    assert (shown.state, shown.reason) == ("disabled", reason)
    assert sorted(factory.states(endpoint)) == sorted([state, "missed"])
    assert [each.event.health for each in health_events(owner)] == ["disabled"]


def health_events(owner: int) -> list:
    found = []
    with read(owner) as session:
        for row in session.execute(select(events.EventRow).where(events.EventRow.owner == owner)).scalars():
            if row.type == "WebhookHealthChanged":
                found.append(events.load(session, row.id))
    return found


def test_a_receiver_can_refuse_one_message_for_good_which_says_nothing_about_its_health(owner, endpoint):
    factory.told(owner)
    factory.answer_all(endpoint, Answer(5, status=400, control="abort-message"))
    assert only(endpoint).state == "aborted"
    assert factory.shown(endpoint).failures == 0


def test_no_more_are_under_way_than_the_endpoint_bears(owner):
    endpoint = factory.endpoint(owner, at_once=2)
    factory.told(owner, listings=5)
    first, second = factory.take(endpoint)
    assert factory.take(endpoint) == []
    assert len(factory.turn(endpoint, [(first, factory.OK)], room=10)) == 1
    assert second.delivery != first.delivery


def test_no_more_begin_in_a_second_than_the_endpoint_bears(owner):
    endpoint = factory.endpoint(owner, per_second=3, at_once=10)
    with clock.freeze(NOW):
        factory.told(owner, listings=5)
        assert factory.answer_all(endpoint, factory.OK) == 3
        assert factory.answer_all(endpoint, factory.OK) == 0
        assert factory.next_due(endpoint) == NOW + 1
    with clock.freeze(NOW + 1):
        assert factory.answer_all(endpoint, factory.OK) == 2


def test_an_endpoint_that_is_slow_or_fails_leaves_the_prompt_lane_until_it_is_prompt_again(fleet, owner, endpoint):
    for answer, slow in ((Answer(2_500, status=200), True), (factory.OK, False), (factory.REFUSED, True)):
        factory.told(owner)
        with transaction(owner) as session:
            webhooks.try_now(session, endpoint)
        factory.answer_all(endpoint, answer)
        factory.told(owner)
        assert due_on(fleet, owner)[slow] == [endpoint]
        assert due_on(fleet, owner)[not slow] == []


def test_whoever_had_a_turn_stands_behind_those_who_have_waited(fleet, owner, endpoint):
    """With much to send from long ago, an endpoint would else be the first for as long as any of it is left."""
    with clock.freeze(NOW):
        factory.told(owner, listings=3)
    with clock.freeze(NOW + 100):
        other = factory.endpoint(owner, at_once=1)
        factory.samples(other, 1)
    with clock.freeze(NOW + 101):
        shard = fleet.placement.lookup("user", owner).shard
        assert webhooks.due(shard, slow=False, limit=10) == [endpoint, other]
        (attempt,) = factory.take(endpoint, room=1)
        factory.turn(endpoint, [(attempt, factory.OK)])
        assert webhooks.due(shard, slow=False, limit=10) == [other, endpoint]
        assert webhooks.due(shard, slow=False, limit=10, passing_over=[owner]) == []


def test_what_a_shard_only_mirrors_is_not_sent_from_there(fleet, owner, endpoint):
    factory.told(owner)
    shard = fleet.placement.lookup("user", owner).shard
    with fleet.shards[shard].writer.begin() as connection:
        connection.execute(text("UPDATE scope_state SET mode = 'mir' WHERE ks = 'user'"))
    try:
        assert due_on(fleet, owner) == {False: [], True: []}
    finally:
        with fleet.shards[shard].writer.begin() as connection:
            connection.execute(text("UPDATE scope_state SET mode = 'act' WHERE ks = 'user' AND mode = 'mir'"))


def test_two_senders_at_once_take_each_delivery_once(owner):
    endpoint = factory.endpoint(owner, at_once=10, per_second=100)
    factory.told(owner, listings=8)
    taken: list[int] = []
    ready = threading.Barrier(4)

    def work() -> None:
        ready.wait()
        taken.extend(attempt.delivery for attempt in factory.take(endpoint, room=3))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    taken += [attempt.delivery for attempt in factory.take(endpoint)]
    assert sorted(taken) == sorted(each.id for each in factory.deliveries(endpoint))


def test_a_sender_passes_over_an_endpoint_that_another_is_busy_with(fleet, owner, endpoint):
    """On SQLite it would wait: there writers come one after the other anyway."""
    factory.told(owner, listings=2)
    its = select(EndpointRow).where(EndpointRow.owner == owner, EndpointRow.id == endpoint)
    (attempt,) = factory.take(endpoint, room=1)
    if not fleet.directory.is_sqlite:
        with transaction(owner) as busy:
            busy.execute(its.with_for_update())
            assert factory.turn(endpoint, [], room=1) is None
            assert factory.turn(endpoint, [(attempt, factory.OK)], room=1) is None
        assert factory.states(endpoint) == ["sending", "waiting"], "what came back is still to be recorded"
    assert len(factory.turn(endpoint, [(attempt, factory.OK)], room=1)) == 1


def test_a_delivery_whose_message_is_gone_is_missed_and_holds_up_nothing(owner, endpoint):
    factory.told(owner)
    with transaction(owner) as session:
        session.execute(text("DELETE FROM webhook_message"))
    assert factory.take(endpoint) == []
    assert only(endpoint).state == "missed"
    assert factory.next_due(endpoint) is None
