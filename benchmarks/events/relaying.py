"""Events a second through the relay (found, numbered, committed, enqueued) beside RQ's own enqueue of as many jobs."""

from collections.abc import Mapping

from redis import Redis
from rq import Queue

from benchmarks.events.processes import running
from benchmarks.events.rates import Comparison, Way, rate
from jobs import relay
from jobs.consumers import subscriptions
from shared import queues
from shared.config import Settings
from shared.events import PasswordChanged, record_many
from shared.sharding import allocate_owners, unit_of_work

_OWNERS = 100
EVENT = PasswordChanged


def measure(settings: Settings, environ: Mapping[str, str], count: int, rounds: int) -> Comparison:
    """Each round does all three, to queues that are empty."""
    (consumer,) = subscriptions()[EVENT.__name__]
    redis = queues.connect(settings.redis_url)
    ours = Way("relay", "through the relay", [])
    single = Way("bare_rq", "bare RQ, `enqueue` one by one", [])
    batched = Way("bare_rq_batched", "bare RQ, `enqueue_many` of 500", [])
    with running(settings, environ, "valkey"):
        for _ in range(rounds):
            redis.flushall()
            single.rates.append(rate(count, lambda: _one_by_one(redis, consumer.queue, count)))
            redis.flushall()
            batched.rates.append(rate(count, lambda: _by_hundreds(redis, consumer.name, consumer.queue, count)))
            redis.flushall()
            _record(count)
            ours.rates.append(rate(count, lambda: _relay(redis)))
    return Comparison("events to a queue, one consumer each", ours, [single, batched])


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
