"""Endpoints of sellers, events that become webhooks, and turns of the sender, through the room's own verbs."""

import socket
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from shared import clock, events, webhooks
from shared.ids import owner_of
from shared.sharding import read, transaction, unit_of_work
from shared.webhooks import Answer, Attempt, Delivery, Endpoint
from shared.webhooks.models import EndpointRow
from tests.factories import accounts
from tests.factories.listings import published
from tests.factories.settings import settings

URL = "https://seller.example/hooks"
ALL_TYPES = tuple(webhooks.BY_NAME)
OK = Answer(5, status=204)
REFUSED = Answer(5, status=500)
PATIENCE_SECONDS = 60


def configure(*, loopback: bool = False) -> None:
    """The policy of the tests; with `loopback` a receiver on this machine may be sent to."""
    webhooks.configure(settings(Path("/nonexistent"), webhook_loopback=loopback))


def endpoint(owner: int, url: str = URL, **changes: Any) -> int:
    """An endpoint for every type of event; returns its id."""
    return endpoint_and_secret(owner, url, **changes)[0]


def endpoint_and_secret(owner: int, url: str = URL, **changes: Any) -> tuple[int, str]:
    """The same, with the secret that the page shows once."""
    with transaction(owner) as session:
        return webhooks.create(session, **{"url": url, "types": ALL_TYPES, **changes})


def publish_events(owner: int) -> int:
    """Publish every event of an owner, as the consumer does; returns how many deliveries were made."""
    made = 0
    for row in accounts.events(owner):
        with transaction(owner) as session:
            made += webhooks.publish(session, events.load(session, row.id))
    return made


def told(owner: int, listings: int = 1) -> None:
    """Publish so many listings of the owner, and their webhooks."""
    for _ in range(listings):
        published(owner)
    publish_events(owner)


def samples(endpoint_id: int, count: int) -> None:
    """Have so many samples wait for the endpoint."""
    owner = owner_of(endpoint_id)
    with transaction(owner) as session:
        for _ in range(count):
            webhooks.send_test(session, endpoint_id, "listing.sold")
    publish_events(owner)


def take(endpoint_id: int, room: int = 10) -> list[Attempt]:
    """What the sender would send now."""
    return turn(endpoint_id, [], room) or []


def turn(endpoint_id: int, answers: Sequence[tuple[Attempt, Answer]], room: int = 0) -> list[Attempt] | None:
    """The endpoint's turn: record answers, take up to `room`."""
    work = partial(webhooks.turn, endpoint_id=endpoint_id, answers=answers, room=room)
    return unit_of_work(owner_of(endpoint_id), work)


def answer_all(endpoint_id: int, answer: Answer) -> int:
    """Let everything that is due now be answered alike; returns how many attempts that were."""
    attempts = take(endpoint_id)
    turn(endpoint_id, [(attempt, answer) for attempt in attempts])
    return len(attempts)


def fail_until(endpoint_id: int, state: str, answer: Answer = REFUSED) -> int:
    """Refuse whatever is sent, as time goes by, until the endpoint is in `state`; returns the moment."""
    now = clock.now()
    for _ in range(2000):
        with clock.freeze(now):
            answer_all(endpoint_id, answer)
            if shown(endpoint_id).state == state:
                return now
        now = next_due(endpoint_id) or now + 3600
    raise AssertionError(f"it never became {state}")


def next_due(endpoint_id: int) -> int | None:
    """When the sender looks at the endpoint next."""
    with read(owner_of(endpoint_id)) as session:
        row = session.get(EndpointRow, endpoint_id)
        assert row is not None
        return row.due_at


def shown(endpoint_id: int) -> Endpoint:
    """The endpoint as its seller sees it."""
    with read(owner_of(endpoint_id)) as session:
        return webhooks.endpoint(session, endpoint_id)


def deliveries(endpoint_id: int) -> list[Delivery]:
    """Deliveries to the endpoint, the newest event first."""
    with read(owner_of(endpoint_id)) as session:
        return webhooks.deliveries(session, endpoint_id, limit=1000)


def states(endpoint_id: int) -> list[str]:
    """The states of the endpoint's deliveries, the oldest event first."""
    return [each.state for each in reversed(deliveries(endpoint_id))]


def until(condition: Callable[[], bool], step: Callable[[], object] = lambda: time.sleep(0.05)) -> None:
    """Go on with `step` until the condition holds."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "it never came to pass"
        step()


def resolves_to(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> list[str]:
    """Let names resolve to these lists of addresses, one list a question; returns the names that were asked for."""
    asked: list[str] = []
    rest = list(answers)

    def getaddrinfo(host: str, port: int, *_args: Any, **_named: Any) -> list[tuple[Any, ...]]:
        asked.append(host)
        addresses = rest.pop(0) if len(rest) > 1 else rest[0]
        return [(_family(each), socket.SOCK_STREAM, 6, "", (each, port)) for each in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return asked


def _family(address: str) -> int:
    return socket.AF_INET6 if ":" in address else socket.AF_INET
