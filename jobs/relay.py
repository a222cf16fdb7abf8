"""The relay: numbers committed events of every user shard and wakes one job for each interested consumer.

Two relays at once do no harm (a row is numbered once, a consumer handles an event once). When Redis is away events
stay in SQL. What the queue loses is found again: a try that is due lies in the inbox, and the sweep finds the events
of which a consumer has said nothing.
"""

import logging
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from functools import partial
from typing import TypeVar

from redis import Redis
from sqlalchemy.exc import OperationalError

from jobs import boot
from jobs.consumers import load, subscriptions
from shared import sharding
from shared.events import inbox
from shared.events.relay import number_pending, sweep
from shared.queues import RedisError, connect, enqueue_events, event_job, held, waiting
from shared.sharding import ScopeMoved
from shared.steps import Step, reached

log = logging.getLogger(__name__)
# Half of it is what an event waits on average; a pass over two shards takes 2 ms of CPU.
IDLE_SECONDS = 0.1
# With a worker's heartbeat (jobs/worker.py) this bounds how long a killed worker's job lies still: 30 seconds.
SWEEP_SECONDS = 10.0
# How long Redis or a shard that failed is left alone: each look at one that is away costs the others its timeout.
_AWAY_SECONDS = 1.0
# While so many jobs wait, tries and replays do not join them: what is new goes first.
_LONG_QUEUE = 2000
_AT_ONCE = 500
T = TypeVar("T")
# Until when (monotonic seconds).
_away: dict[str, float] = {}


def main() -> None:
    """Relay until SIGTERM."""
    settings = boot.boot()
    boot.stop_on_signals()
    redis = connect(settings.redis_url)
    next_sweep = 0.0
    while not boot.stop.is_set():
        pause = IDLE_SECONDS
        try:
            if relay_once(redis):
                pause = 0.0
            if time.monotonic() >= next_sweep:
                sweep_once(redis)
                next_sweep = time.monotonic() + SWEEP_SECONDS
        except RedisError as error:
            log.warning("Redis: will try again: %s", type(error).__name__)
            pause = _AWAY_SECONDS
        boot.wait(pause)


def relay_once(redis: "Redis[bytes]") -> bool:
    """One pass over the user shards; True when there was anything to relay.

    Numbers first, enqueues after the commit: what a crash leaves between the two is the sweep's. Numbers nothing while
    Redis is away, since the sweep would be slow to find a whole backlog.
    """
    redis.ping()
    return any(_on_each_shard(partial(_relay, redis)))


def _relay(redis: "Redis[bytes]", shard: str) -> bool:
    fresh = number_pending(shard)
    if fresh:
        reached(Step.RELAY_NUMBERED)
        _enqueue(redis, [(one.name, each.id) for each in fresh for one in subscriptions().get(each.type, ())])
    return try_again(redis, shard) or bool(fresh)


def try_again(redis: "Redis[bytes]", shard: str) -> bool:
    """Enqueue the tries of a shard whose time has come, unless a queue still holds them; True when there were any."""
    due = inbox.due(shard, _AT_ONCE)
    # Reading a long queue, ten times a second, would hold up the news.
    if not due or waiting(redis, _queues()) > _LONG_QUEUE:
        return False
    if unknown := [each for each in due if each.consumer not in load()]:
        inbox.give_up(shard, unknown, "there is no such consumer any more")
    known = [each for each in due if each.consumer in load()]
    jobs = _held(redis)
    if queued := [each for each in known if event_job(each.consumer, each.event) in jobs]:
        inbox.defer(shard, queued)
    ready = [each for each in known if event_job(each.consumer, each.event) not in jobs]
    if not ready:
        return False
    claimed = inbox.claim(shard, ready)
    reached(Step.RELAY_CLAIMED)
    _enqueue(redis, [(each.consumer, each.event) for each in claimed], again=True)
    return True


def sweep_once(redis: "Redis[bytes]") -> int:
    """Enqueue again what a consumer has said nothing of and no queue is holding; returns how many jobs."""
    count = sum(_on_each_shard(partial(_sweep, redis)))
    if count:
        log.info("found %s lost jobs again", count)
    return count


def _sweep(redis: "Redis[bytes]", shard: str) -> int:
    names = {type: [each.name for each in consumers] for type, consumers in subscriptions().items()}
    silent = [(name, each.id) for name, due in sweep(shard, names).items() for each in due]
    jobs = _held(redis) if silent else set()
    lost = [each for each in silent if event_job(*each) not in jobs]
    for at in range(0, len(lost), _AT_ONCE):
        inbox.adopt(shard, lost[at : at + _AT_ONCE])
        reached(Step.RELAY_ADOPTED)
        _enqueue(redis, lost[at : at + _AT_ONCE], again=True)
    return len(lost)


def _on_each_shard(work: Callable[[str], T]) -> list[T]:
    """What `work` returns for each user shard that answers; one that is away holds up none of the others."""
    found = []
    for shard in sharding.current().names("user"):
        if _away.get(shard, 0.0) <= time.monotonic():
            try:
                found.append(work(shard))
            except (OperationalError, ScopeMoved) as error:
                log.warning("%s: will try again: %s", shard, type(error).__name__)
                _away[shard] = time.monotonic() + _AWAY_SECONDS
    return found


def _enqueue(redis: "Redis[bytes]", jobs: Iterable[tuple[str, int]], *, again: bool = False) -> None:
    """One round trip for each queue, in the order of the events."""
    by_queue: defaultdict[str, list[tuple[str, int]]] = defaultdict(list)
    for consumer, event in jobs:
        by_queue[load()[consumer].queue].append((consumer, event))
    for name, its in by_queue.items():
        enqueue_events(redis, name, its, again=again)
    if by_queue:
        reached(Step.RELAY_ENQUEUED)


def _held(redis: "Redis[bytes]") -> set[str]:
    return set().union(*(held(redis, name) for name in _queues()))


def _queues() -> set[str]:
    return {one.queue for one in load().values()}


if __name__ == "__main__":
    main()
