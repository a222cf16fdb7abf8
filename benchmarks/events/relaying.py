"""Events a second through the relay (found, numbered, committed, enqueued) beside RQ's own enqueue of as many jobs."""

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from redis import Redis
from rq import Queue

from benchmarks import report
from benchmarks.events.processes import running
from jobs import relay
from jobs.consumers import subscriptions
from shared import queues
from shared.config import Settings
from shared.events import PasswordChanged, record_many
from shared.sharding import allocate_owners, unit_of_work

_OWNERS = 100
EVENT = PasswordChanged


@dataclass(frozen=True, slots=True)
class Rates:
    """A second, in each round: events relayed, jobs enqueued one by one, jobs enqueued by the hundred."""

    relayed: list[float]
    single: list[float]
    batched: list[float]

    def figures(self) -> dict[str, float]:
        return {
            "relay_events_per_second": round(statistics.median(self.relayed)),
            "bare_rq_per_second": round(statistics.median(self.single)),
            "bare_rq_batched_per_second": round(statistics.median(self.batched)),
            "relay_to_bare_rq": round(_ratio(self.relayed, self.single), 2),
            "relay_to_bare_rq_batched": round(_ratio(self.relayed, self.batched), 2),
        }

    def text(self) -> str:
        """A table."""
        rows = [
            ["through the relay", f"{statistics.median(self.relayed):,.0f}", "1"],
            ["bare RQ, `enqueue` one by one", *self._against(self.single)],
            ["bare RQ, `enqueue_many` of 500", *self._against(self.batched)],
        ]
        head = ["events to a queue, one consumer each", "a second", "the relay is times that"]
        return report.table(head, rows)

    def _against(self, bare: list[float]) -> list[str]:
        return [f"{statistics.median(bare):,.0f}", f"{_ratio(self.relayed, bare):.2f}"]


def measure(settings: Settings, environ: Mapping[str, str], count: int, rounds: int) -> Rates:
    """Each round does all three, to queues that are empty."""
    (consumer,) = subscriptions()[EVENT.__name__]
    redis = queues.connect(settings.redis_url)
    rates = Rates([], [], [])
    with running(settings, environ, "valkey"):
        for _ in range(rounds):
            rates.single.append(_rate(redis, count, lambda: _one_by_one(redis, consumer.queue, count)))
            rates.batched.append(_rate(redis, count, lambda: _by_hundreds(redis, consumer.name, consumer.queue, count)))
            _record(count)
            rates.relayed.append(_rate(redis, count, lambda: _relay(redis)))
    return rates


def _rate(redis: "Redis[bytes]", count: int, work: Callable[[], None]) -> float:
    redis.flushall()
    began = time.perf_counter()
    work()
    return count / (time.perf_counter() - began)


def _record(count: int) -> None:
    owners = allocate_owners(_OWNERS)
    for owner in owners:
        share = [EVENT(user=owner)] * (count // _OWNERS)
        unit_of_work(owner, lambda session, share=share: record_many(session, share))


def _relay(redis: "Redis[bytes]") -> None:
    while relay.relay_once(redis):
        pass


def _one_by_one(redis: "Redis[bytes]", name: str, count: int) -> None:
    queue: Queue = queues.queue(redis, name)
    for number in range(count):
        queue.enqueue(queues.CONSUME, "bare", number, result_ttl=0)


def _by_hundreds(redis: "Redis[bytes]", consumer: str, name: str, count: int) -> None:
    for at in range(0, count, 500):
        queues.enqueue_events(redis, name, [(consumer, number) for number in range(at, min(at + 500, count))])


def _ratio(ours: list[float], bare: list[float]) -> float:
    return statistics.median(one / other for one, other in zip(ours, bare, strict=True))
