"""Turns of the sender among many: nobody starves, no answer is forgotten, one shard's trouble is its own."""

from collections.abc import Callable

import pytest
from sqlalchemy import text

from jobs import webhooks as sender
from jobs.webhooks import Dispatcher
from shared import webhooks
from shared.gateways.webhooks import Sender
from shared.ids import owner_of
from shared.sharding import read, transaction
from shared.sharding.engines import Database
from shared.webhooks import Answer
from tests.factories import webhooks as factory
from tests.factories.listings import seller
from tests.factories.webhooks import until

pytestmark = pytest.mark.usefixtures("loopback")


PLACES = 8


@pytest.fixture
def dispatcher(fleet, monkeypatch) -> Dispatcher:
    """With fewer places than it takes to fill them all."""
    monkeypatch.setattr(sender, "PROMPT_ROOM", PLACES)
    return Dispatcher(Sender("https://market.example", loopback=True).send)


def go_on(dispatcher: Dispatcher) -> Callable[[], object]:
    return lambda: dispatcher.step() or dispatcher.wait(0.05)


def crowd(url: str, sellers: int, waiting: int, **limits: int) -> list[int]:
    """Endpoints of so many sellers, for each of which so many deliveries wait."""
    endpoints = [factory.endpoint(seller(), url, **limits) for _ in range(sellers)]
    for each in endpoints:
        factory.samples(each, waiting)
    return endpoints


def test_one_seller_with_much_to_send_leaves_room_for_whoever_comes(peer, dispatcher):
    """His endpoints bear more at once than the lane has places, and answer promptly enough to stay in it."""
    owner = seller()
    flooded = [factory.endpoint(owner, peer.url("/slow"), at_once=10, per_second=100) for _ in range(4)]
    for each in flooded:
        factory.samples(each, 30)
    dispatcher.step()
    taken = sum(factory.states(each).count("sending") for each in flooded)
    assert 1 <= taken <= PLACES // 2
    other = factory.endpoint(seller(), peer.url())
    factory.samples(other, 1)
    until(lambda: factory.states(other) == ["delivered"], go_on(dispatcher))
    assert all("waiting" in factory.states(each) for each in flooded), "it did not wait for them to be done"


def test_a_crowd_takes_turns_with_whoever_comes_later(peer, dispatcher):
    """More sellers than places, each with a place of his own that he could keep as long as something waits."""
    many = crowd(peer.url("/slow"), sellers=PLACES + 4, waiting=8, at_once=1)
    for _ in range(3):
        go_on(dispatcher)()
    late = factory.endpoint(seller(), peer.url())
    factory.samples(late, 1)
    until(lambda: factory.states(late) == ["delivered"], go_on(dispatcher))
    assert sum("waiting" in factory.states(each) for each in many) > PLACES


def test_a_seller_alone_uses_what_his_endpoint_bears(peer, dispatcher):
    endpoint = factory.endpoint(seller(), peer.url("/slow"))
    factory.samples(endpoint, 10)
    dispatcher.step()
    assert factory.states(endpoint).count("sending") == webhooks.AT_ONCE


def test_an_answer_that_could_not_be_recorded_is_kept_until_it_can(peer, dispatcher, monkeypatch):
    monkeypatch.setattr(sender, "REST_SECONDS", 0.0)
    endpoint = factory.endpoint(seller(), peer.url(), at_once=1)
    factory.samples(endpoint, 2)
    dispatcher.step()
    good = spoil(endpoint)
    until(lambda: len(peer.requests()) == 1)
    for _ in range(3):
        go_on(dispatcher)()
    assert factory.states(endpoint) == ["sending", "waiting"]
    mend(endpoint, good)
    until(lambda: factory.states(endpoint) == ["delivered"] * 2, go_on(dispatcher))
    assert len(peer.requests()) == 2, "nothing is sent a second time for it"
    for each in factory.deliveries(endpoint):
        with read(owner_of(endpoint)) as session:
            assert [past.status for past in webhooks.attempts(session, each.id)] == [200]


def test_an_answer_whose_words_cannot_be_recorded_is_recorded_without_them(fleet, monkeypatch):
    monkeypatch.setattr(sender, "REST_SECONDS", 0.0)
    endpoint = factory.endpoint(seller())
    factory.samples(endpoint, 1)
    dispatcher = Dispatcher(lambda _attempt: Answer(5, status=500, head="\ud800", body="no text in any encoding"))
    until(lambda: factory.shown(endpoint).failures == 1, go_on(dispatcher))
    (delivery,) = factory.deliveries(endpoint)
    with read(owner_of(endpoint)) as session:
        (attempt,) = webhooks.attempts(session, delivery.id)
    assert (delivery.state, attempt.status, attempt.head, attempt.body) == ("waiting", 500, "", "")


def spoil(endpoint: int) -> str:
    """Make every turn that takes something fail; returns what `mend` needs."""
    with transaction(owner_of(endpoint)) as session:
        good = session.connection().scalar(
            text("SELECT secrets FROM webhook_endpoint WHERE id = :id"), {"id": endpoint}
        )
        session.execute(text("UPDATE webhook_endpoint SET secrets = '[{}]' WHERE id = :id"), {"id": endpoint})
    return str(good)


def mend(endpoint: int, good: str) -> None:
    with transaction(owner_of(endpoint)) as session:
        values = {"id": endpoint, "good": good}
        session.execute(text("UPDATE webhook_endpoint SET secrets = :good WHERE id = :id"), values)


@pytest.mark.parametrize("url", ["mysql+pymysql://nobody@127.0.0.1:1/nothing", "sqlite:///{}"], ids=["down", "broken"])
def test_a_shard_that_is_away_stops_nobody_elsewhere_and_loses_nothing(
    fleet, peer, dispatcher, monkeypatch, tmp_path, url
):
    (tmp_path / "garbage").write_bytes(b"This is no database. " * 1000)
    monkeypatch.setattr(sender, "AWAY_SECONDS", 0.0)
    on = {}
    while len(on) < 2:
        owner = seller()
        on.setdefault(fleet.placement.lookup("user", owner).shard, factory.endpoint(owner, peer.url()))
    for each in on.values():
        factory.samples(each, 2)
    (down, there), (_, here) = sorted(on.items())
    well = fleet.shards[down]
    fleet.shards[down] = Database(down, url.format(tmp_path / "garbage"))
    try:
        until(lambda: factory.states(here) == ["delivered"] * 2, go_on(dispatcher))
    finally:
        fleet.shards[down] = well
    assert factory.states(there) == ["waiting"] * 2
    until(lambda: factory.states(there) == ["delivered"] * 2, go_on(dispatcher))
    assert len(peer.requests()) == 4
