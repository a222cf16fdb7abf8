"""Webhook deliveries a second (leased, signed, sent, recorded) beside a bare urllib3 loop to the same receiver."""

import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import urllib3
from sqlalchemy import select

from benchmarks import report
from benchmarks.events.latency import publish
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


@dataclass(frozen=True, slots=True)
class Rates:
    """Requests a second, in each round."""

    ours: list[float]
    anew: list[float]
    kept: list[float]

    def figures(self) -> dict[str, float]:
        return {
            "webhooks_per_second": round(statistics.median(self.ours)),
            "bare_urllib3_per_second": round(statistics.median(self.anew)),
            "bare_urllib3_keep_alive_per_second": round(statistics.median(self.kept)),
            "webhooks_to_bare": round(_ratio(self.ours, self.anew), 2),
            "webhooks_to_bare_keep_alive": round(_ratio(self.ours, self.kept), 2),
        }

    def text(self) -> str:
        """A table."""
        rows = [
            ["webhook deliveries, to the end in the log", f"{statistics.median(self.ours):,.0f}", "1"],
            ["bare urllib3 loop, a connection for each", *self._against(self.anew)],
            ["bare urllib3 loop, one connection kept", *self._against(self.kept)],
        ]
        return report.table(["requests to one receiver", "a second", "deliveries are times that"], rows)

    def _against(self, bare: list[float]) -> list[str]:
        return [f"{statistics.median(bare):,.0f}", f"{_ratio(self.ours, bare):.2f}"]


def measure(count: int, rounds: int) -> Rates:
    """Each round sends `count` requests in all three ways."""
    rates = Rates([], [], [])
    with _receiver() as url:
        sellers = _sellers(url)
        sender = Sender("http://127.0.0.1", loopback=True)
        for done in range(rounds):
            body = _prepare(sellers, count)
            rates.anew.append(_rate(count, lambda body=body: _bare(url, body, count, {"connection": "close"})))
            rates.kept.append(_rate(count, lambda body=body: _bare(url, body, count, {})))
            rates.ours.append(_rate(count, lambda done=done: _deliver(sender, count * (done + 1))))
    return rates


def _rate(count: int, work: Callable[[], None]) -> float:
    began = time.perf_counter()
    work()
    return count / (time.perf_counter() - began)


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


def _ratio(ours: list[float], bare: list[float]) -> float:
    return statistics.median(one / other for one, other in zip(ours, bare, strict=True))
