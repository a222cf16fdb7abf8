"""A consumer for a test, events for it, and a worker that hands them over."""

from collections.abc import Callable

import pytest
from redis import Redis
from rq import SimpleWorker
from rq.executions import Execution
from rq.serializers import JSONSerializer

from jobs import consumers, relay
from shared import queues
from shared.events import InboxRow, NewUserSignup, record
from shared.sharding import allocate_owner, read, transaction


def subscribe(monkeypatch: pytest.MonkeyPatch, name: str, handle: Callable[..., None], *, transactional=False) -> None:
    """Make `handle` the only consumer there is: of sign-ups, under this name."""
    only = {name: consumers.Consumer(name, (NewUserSignup,), queues.EVENTS, handle, transactional)}
    for module in (consumers, relay):
        monkeypatch.setattr(module, "load", lambda: only)
    monkeypatch.setattr(relay, "subscriptions", lambda: {"NewUserSignup": tuple(only.values())})


def sign_up(owner: int | None = None) -> int:
    """Record a sign-up of a fresh owner (or of this one); returns the owner."""
    owner = owner or allocate_owner()
    with transaction(owner) as session:
        record(session, NewUserSignup(user=owner))
    return owner


def work(redis: "Redis[bytes]", name: str = queues.EVENTS) -> None:
    """Do every job that waits in a queue, here and now."""
    queue = queues.queue(redis, name)
    SimpleWorker([queue], connection=redis, serializer=JSONSerializer).work(burst=True, logging_level="ERROR")


def begin_and_die(redis: "Redis[bytes]", name: str = queues.EVENTS) -> None:
    """Take the next job of a queue as a worker does that is then killed, and let RQ's marks of it run out."""
    queue = queues.queue(redis, name)
    job = queue.jobs[0]
    with redis.pipeline() as pipeline:
        begun = Execution.create(job, 60, pipeline)
        pipeline.execute()
    redis.lrem(queue.key, 1, job.id)
    queue.started_job_registry.remove_execution(begun)
    redis.delete(begun.key)


def failed_in_rq(redis: "Redis[bytes]", name: str = queues.EVENTS) -> int:
    """How many jobs of a queue ended with an error that RQ saw."""
    return queues.queue(redis, name).failed_job_registry.count


def mark(owner: int, consumer: str, event: int) -> InboxRow:
    """What is noted of an event at a consumer."""
    with read(owner) as session:
        found = session.get(InboxRow, (owner, consumer, event))
    assert found is not None
    return found
