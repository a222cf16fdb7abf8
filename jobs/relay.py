"""The relay: numbers committed events of every user shard and wakes one job for each interested consumer.

Two relays at once do no harm (a row is numbered once, a consumer handles an event once). When Redis is away events
stay in SQL; the sweep finds whatever no consumer has finished and asks again.
"""

import logging
import time

from redis import Redis
from rq.job import Job, JobStatus
from rq.serializers import JSONSerializer
from sqlalchemy.exc import OperationalError

from jobs import boot
from jobs.consumers import load, subscriptions
from shared import sharding
from shared.events.relay import Due, number_pending, sweep
from shared.queues import RedisError, connect, enqueue_events

log = logging.getLogger(__name__)
IDLE_SECONDS = 0.25
SWEEP_SECONDS = 15.0
_WAITING = {JobStatus.QUEUED, JobStatus.STARTED, JobStatus.SCHEDULED, JobStatus.DEFERRED}


def main() -> None:
    """Relay until SIGTERM."""
    settings = boot.boot()
    boot.stop_on_signals()
    redis = connect(settings.redis_url)
    next_sweep = 0.0
    while not boot.stop.is_set():
        try:
            busy = relay_once(redis)
            if time.monotonic() >= next_sweep:
                sweep_once(redis)
                next_sweep = time.monotonic() + SWEEP_SECONDS
        except (RedisError, OperationalError) as error:
            log.warning("will try again: %s", type(error).__name__)
            busy = False
        if not busy:
            boot.wait(IDLE_SECONDS)


def relay_once(redis: "Redis[bytes]") -> bool:
    """One pass over the user shards; True when there was anything to relay.

    Numbers first, enqueues after the commit: what a crash leaves between the two is the sweep's. Numbers nothing while
    Redis is away, since the sweep would be slow to find a whole backlog.
    """
    redis.ping()
    busy = False
    for shard in sharding.current().names("user"):
        due = number_pending(shard)
        busy = busy or bool(due)
        _enqueue(
            redis,
            {
                consumer.name: [each for each in due if consumer in subscriptions().get(each.type, ())]
                for consumer in load().values()
            },
        )
    return busy


def sweep_once(redis: "Redis[bytes]") -> int:
    """Enqueue again what no consumer has finished and no queue is holding; returns how many jobs."""
    names = {type: [each.name for each in consumers] for type, consumers in subscriptions().items()}
    count = 0
    for shard in sharding.current().names("user"):
        lost = {name: _not_waiting(redis, name, due) for name, due in sweep(shard, names).items()}
        count += _enqueue(redis, lost)
    if count:
        log.info("found %s unfinished jobs again", count)
    return count


def _enqueue(redis: "Redis[bytes]", due: dict[str, list[Due]]) -> int:
    return sum(
        enqueue_events(redis, load()[name].queue, [(name, each.id) for each in events]) for name, events in due.items()
    )


def _not_waiting(redis: "Redis[bytes]", consumer: str, due: list[Due]) -> list[Due]:
    jobs = Job.fetch_many([f"{consumer}-{each.id}" for each in due], connection=redis, serializer=JSONSerializer)
    return [
        each
        for each, job in zip(due, jobs, strict=True)
        if job is None or job.get_status(refresh=False) not in _WAITING
    ]


if __name__ == "__main__":
    main()
