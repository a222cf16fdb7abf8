"""Queue names, dotted job paths and the one way to enqueue. What a queue loses, SQL still knows.

Jobs are not retried by RQ, whose retries neither jitter nor outlive Redis: the inbox and the ledger say what is due.
"""

import time
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

from redis import Redis
from redis.exceptions import RedisError
from rq import Queue
from rq.executions import ExecutionRegistry
from rq.job import Job
from rq.serializers import JSONSerializer

EVENTS, MAIL, DIGESTS, SCHEDULED = "events", "mail", "digests", "scheduled"
QUEUES = (EVENTS, MAIL, DIGESTS, SCHEDULED)
# Dotted, because the rooms may name a job without importing the jobs package.
CONSUME = "jobs.consumers.consume"
RUN_SCHEDULED = "jobs.scheduled.perform"
TIMEOUT_SECONDS = {EVENTS: 60, MAIL: 120, DIGESTS: 120, SCHEDULED: 3600}
_KEEP_FAILED_SECONDS = 7 * 86_400

__all__ = [
    "DIGESTS",
    "EVENTS",
    "MAIL",
    "QUEUES",
    "SCHEDULED",
    "RedisError",
    "connect",
    "enqueue",
    "enqueue_events",
    "event_job",
    "held",
    "queue",
    "waiting",
]


@cache
def connect(url: str) -> Redis:
    """One client per process and URL; it connects when first used and again after a loss."""
    return Redis.from_url(url, socket_connect_timeout=2, health_check_interval=30)


def queue(redis: Redis, name: str) -> Queue:
    """The queue `name`. JSON only: whoever reaches Redis must not thereby run code."""
    return Queue(name, connection=redis, serializer=JSONSerializer, default_timeout=TIMEOUT_SECONDS[name])


def enqueue(redis: Redis, name: str, path: str, arguments: Sequence[Any], job_id: str) -> Job:
    """Enqueue the function at `path`. Arguments are ids and plain values, never a secret."""
    _forget_executions(redis, [job_id])
    return queue(redis, name).enqueue_call(
        path,
        args=tuple(arguments),
        job_id=job_id,
        timeout=TIMEOUT_SECONDS[name],
        result_ttl=0,
        failure_ttl=_KEEP_FAILED_SECONDS,
    )


def enqueue_events(redis: Redis, name: str, jobs: Sequence[tuple[str, int]], *, again: bool = False) -> None:
    """Enqueue `(consumer, event id)` pairs in one round trip; `again` when some may have been enqueued before."""
    target = queue(redis, name)
    if again and jobs:
        _forget_executions(redis, [event_job(*each) for each in jobs])
    prepared = [
        Queue.prepare_data(
            CONSUME,
            args=(consumer, event),
            timeout=TIMEOUT_SECONDS[name],
            result_ttl=0,
            failure_ttl=_KEEP_FAILED_SECONDS,
            job_id=event_job(consumer, event),
        )
        for consumer, event in jobs
    ]
    if prepared:
        target.enqueue_many(prepared)


def _forget_executions(redis: Redis, jobs: Sequence[str]) -> None:
    # RQ forgets what a killed worker began and not that it did, and stumbles over that when the job ends well.
    redis.delete(*(ExecutionRegistry.key_template.format(job) for job in jobs))


def event_job(consumer: str, event: int) -> str:
    """The id of the job that hands an event to a consumer."""
    return f"{consumer}-{event}"


def waiting(redis: Redis, names: Iterable[str]) -> int:
    """How many jobs wait in these queues."""
    return sum(queue(redis, name).count for name in names)


def held(redis: Redis, name: str) -> set[str]:
    """The ids of all jobs that wait in a queue, or run in a worker whose heartbeat is fresh.

    What is in the list counts, not what a job's own record says: a worker that dies between taking a job and starting
    it leaves a record that says "queued" for ever.
    """
    target = queue(redis, name)
    pipeline = redis.pipeline()
    pipeline.lrange(target.key, 0, -1)
    pipeline.zrangebyscore(target.started_job_registry.key, time.time(), "+inf")
    waiting, running = pipeline.execute()
    return {job.decode() for job in waiting} | {entry.decode().partition(":")[0] for entry in running}
