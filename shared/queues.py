"""Queue names, dotted job paths and the one way to enqueue. What a queue loses, SQL still knows."""

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

from redis import Redis
from redis.exceptions import RedisError
from rq import Queue, Retry
from rq.job import Job
from rq.serializers import JSONSerializer

EVENTS, MAIL, SCHEDULED = "events", "mail", "scheduled"
QUEUES = (EVENTS, MAIL, SCHEDULED)
# Dotted, because the rooms may name a job without importing the jobs package.
CONSUME = "jobs.consumers.consume"
RUN_SCHEDULED = "jobs.scheduled.perform"
TIMEOUT_SECONDS = {EVENTS: 60, MAIL: 120, SCHEDULED: 3600}
_RETRY_INTERVALS = [1, 5, 30, 120, 600]
_KEEP_FAILED_SECONDS = 7 * 86_400

__all__ = ["EVENTS", "MAIL", "QUEUES", "SCHEDULED", "RedisError", "connect", "enqueue", "enqueue_events", "queue"]


@cache
def connect(url: str) -> Redis:
    """One client per process and URL; it connects when first used and again after a loss."""
    return Redis.from_url(url, socket_connect_timeout=2, health_check_interval=30)


def queue(redis: Redis, name: str) -> Queue:
    """The queue `name`. JSON only: whoever reaches Redis must not thereby run code."""
    return Queue(name, connection=redis, serializer=JSONSerializer, default_timeout=TIMEOUT_SECONDS[name])


def enqueue(redis: Redis, name: str, path: str, arguments: Sequence[Any], job_id: str) -> Job:
    """Enqueue the function at `path`. Arguments are ids and plain values, never a secret."""
    return queue(redis, name).enqueue_call(
        path,
        args=tuple(arguments),
        job_id=job_id,
        timeout=TIMEOUT_SECONDS[name],
        result_ttl=0,
        failure_ttl=_KEEP_FAILED_SECONDS,
        retry=_retry(),
    )


def enqueue_events(redis: Redis, name: str, jobs: Iterable[tuple[str, int]]) -> int:
    """Enqueue `(consumer, event id)` pairs in one round trip; returns how many."""
    target = queue(redis, name)
    prepared = [
        Queue.prepare_data(
            CONSUME,
            args=(consumer, event),
            timeout=TIMEOUT_SECONDS[name],
            result_ttl=0,
            failure_ttl=_KEEP_FAILED_SECONDS,
            job_id=f"{consumer}-{event}",
            retry=_retry(),
        )
        for consumer, event in jobs
    ]
    if prepared:
        target.enqueue_many(prepared)
    return len(prepared)


def _retry() -> Retry:
    # A list shorter than `max` would repeat its first value.
    return Retry(max=len(_RETRY_INTERVALS), interval=_RETRY_INTERVALS)
