"""Webhook deliveries a second (leased, signed, sent, recorded) beside a bare urllib3 loop to the same receiver."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import urllib3
from sqlalchemy import select

from benchmarks.events.latency import publish
from benchmarks.events.rates import Comparison, Way, rate
from benchmarks.serving import CannotMeasure, free_port
from jobs import consumers
from jobs.supervisor.addresses import accepts
from jobs.webhooks import Dispatcher
from shared import places, webhooks
from shared.config import ROOT
from shared.events.relay import number_pending
from shared.gateways.webhooks import Sender
from shared.ids import owner_of
from shared.sharding import allocate_owners, concatenate, current, fan_out, read, table_of, unit_of_work
from shared.webhooks.models import DeliveryRow

_SELLERS = 50
_SECONDS = 120.0
_deliveries = table_of(DeliveryRow)


def measure(count: int, rounds: int) -> Comparison:
    """Each round sends `count` requests in all three ways."""
    ours = Way("webhooks", "webhook deliveries, to the end in the log", [])
    anew = Way("bare_urllib3", "bare urllib3 loop, a connection for each", [])
    kept = Way("bare_urllib3_keep_alive", "bare urllib3 loop, one connection kept", [])
    with _receiver() as url:
        sellers = _sellers(url)
        sender = Sender("http://127.0.0.1", loopback=True)
        for done in range(rounds):
            body = _prepare(sellers, count)
            anew.rates.append(rate(count, lambda body=body: _bare(url, body, count, {"connection": "close"})))
            kept.rates.append(rate(count, lambda body=body: _bare(url, body, count, {})))
            ours.rates.append(rate(count, lambda done=done: _deliver(sender, count * (done + 1))))
    return Comparison("requests to one receiver", ours, [anew, kept])


def _sellers(url: str) -> list[int]:
    limits = {"per_second": webhooks.PER_SECOND_MOST, "at_once": webhooks.AT_ONCE_MOST}
    owners = list(allocate_owners(_SELLERS))
    for owner in owners:
        unit_of_work(owner, lambda session: webhooks.create(session, url=url, types=["listing.created"], **limits))
    return owners


def _prepare(sellers: list[int], count: int) -> bytes:
    """`count` deliveries that are due; returns the body of one."""
    city = next(place.id for country in places.countries()[:1] for place in places.cities(country, limit=1))
    for number in range(count):
        unit_of_work(sellers[number % len(sellers)], lambda session: publish(session, city))
    events = []
    for shard in current().names("user"):
        while due := number_pending(shard):
            events += [each.id for each in due if each.type == "NewListingCreated"]
    for event in events:
        consumers.consume("make_deliveries", event)
    with read(owner_of(events[0])) as session:
        return webhooks.body(session, events[0]).encode()


def _deliver(sender: Sender, upto: int) -> None:
    dispatcher = Dispatcher(sender.send)
    deadline = time.monotonic() + _SECONDS
    while dispatcher.step() or _delivered() < upto:
        if time.monotonic() > deadline:
            raise CannotMeasure(f"Only {_delivered()} of {upto} webhooks were delivered.")
        dispatcher.wait(0.01)
    dispatcher.finish(1)


def _delivered() -> int:
    statement = select(_deliveries.c.id).where(_deliveries.c.state == "delivered")
    return len(fan_out(statement, keyspace="user", merge=concatenate))


def _bare(url: str, body: bytes, count: int, headers: dict[str, str]) -> None:
    with urllib3.PoolManager() as pool:
        for _ in range(count):
            answer = pool.request("POST", url, body=body, headers={"content-type": "application/json", **headers})
            assert answer.status == 204


@contextmanager
def _receiver() -> Iterator[str]:
    port = free_port()
    process = subprocess.Popen([sys.executable, "-m", "benchmarks.events.receiver", str(port)], cwd=ROOT)
    try:
        while not accepts(f"127.0.0.1:{port}"):
            if process.poll() is not None:
                raise CannotMeasure("The receiver did not start.")
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}/"
    finally:
        process.kill()
        process.wait()
