"""RQ workers. `events` jobs are many and small and run in the process itself; the others run in a forked child each.

python -m jobs.worker events
python -m jobs.worker mail scheduled
"""

import sys

from rq import SimpleWorker, Worker
from rq.job import Job
from rq.serializers import JSONSerializer

from jobs import boot
from jobs.consumers import load
from shared import sharding
from shared.queues import EVENTS, QUEUES, connect, queue

# Short times, so that a killed worker's job runs again in seconds; with RQ's defaults that takes a quarter of an hour.
_HEARTBEAT_SECONDS = 5
_WORKER_TTL = 20


class ForkWorker(Worker):
    """One child for each job: a crash or a leak ends with the job."""

    def get_heartbeat_ttl(self, job: Job) -> int:
        return _HEARTBEAT_SECONDS + 10

    def main_work_horse(self, *args: object, **kwargs: object) -> None:
        # The child must not share the parent's database sockets.
        sharding.current().dispose(close=False)
        super().main_work_horse(*args, **kwargs)


def main(names: list[str]) -> None:
    """Work on the named queues until SIGTERM, which lets the running job finish."""
    settings = boot.boot()
    load()
    redis = connect(settings.redis_url)
    kind = SimpleWorker if names == [EVENTS] else ForkWorker
    worker = kind(
        [queue(redis, name) for name in names],
        connection=redis,
        serializer=JSONSerializer,
        worker_ttl=_WORKER_TTL,
        maintenance_interval=_HEARTBEAT_SECONDS,
        job_monitoring_interval=_HEARTBEAT_SECONDS,
        log_job_description=False,
    )
    worker.work(with_scheduler=True, logging_level="WARNING")


if __name__ == "__main__":
    main(sys.argv[1:] or list(QUEUES))
