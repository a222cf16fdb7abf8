"""RQ workers. `events` jobs are many and small and run in the process itself; the others run in a forked child each.

python -m jobs.worker events
python -m jobs.worker mail scheduled

A running job is known by its heartbeat. RQ's own times would let a killed worker's job lie still for minutes, and the
heartbeat of a worker without a child would not beat at all: here it ends _LOST_SECONDS after the worker.
"""

import logging
import sys
import threading

from redis.exceptions import RedisError
from rq import SimpleWorker, Worker
from rq.executions import Execution
from rq.job import Job
from rq.registry import StartedJobRegistry
from rq.serializers import JSONSerializer

from jobs import boot
from jobs.consumers import load
from shared import sharding
from shared.queues import EVENTS, QUEUES, connect, queue

log = logging.getLogger(__name__)
_HEARTBEAT_SECONDS = 4
_LOST_SECONDS = 12
_WORKER_TTL = 20
_MAINTENANCE_SECONDS = 5


class ForkWorker(Worker):
    """One child for each job: a crash or a leak ends with the job."""

    def get_heartbeat_ttl(self, job: Job) -> int:
        return _LOST_SECONDS

    def main_work_horse(self, *args: object, **kwargs: object) -> None:
        # The child must not share the parent's database sockets.
        sharding.current().dispose(close=False)
        super().main_work_horse(*args, **kwargs)


class ThreadBeatWorker(SimpleWorker):
    """Jobs in the process itself, one after the other; a thread says that it lives while a job is long."""

    def get_heartbeat_ttl(self, job: Job) -> int:
        return _LOST_SECONDS

    def work(self, *args: object, **kwargs: object) -> bool:
        over = threading.Event()
        beating = threading.Thread(target=self._beat, args=[over], name="heartbeat", daemon=True)
        beating.start()
        try:
            return bool(super().work(*args, **kwargs))
        finally:
            over.set()
            beating.join()

    def _beat(self, over: threading.Event) -> None:
        while not over.wait(_HEARTBEAT_SECONDS):
            running: Execution | None = self.execution
            if running is not None:
                # The first of the queues is the only one. A job that has just ended is not entered again (xx).
                registry = StartedJobRegistry(queue=self.queues[0])
                try:
                    registry.add_execution(running, self.connection, _LOST_SECONDS, xx=True)
                except RedisError as error:
                    log.warning("no heartbeat: %s", type(error).__name__)


def main(names: list[str]) -> None:
    """Work on the named queues until SIGTERM, which lets the running job finish."""
    settings = boot.boot()
    load()
    redis = connect(settings.redis_url)
    kind = ThreadBeatWorker if names == [EVENTS] else ForkWorker
    worker = kind(
        [queue(redis, name) for name in names],
        connection=redis,
        serializer=JSONSerializer,
        worker_ttl=_WORKER_TTL,
        maintenance_interval=_MAINTENANCE_SECONDS,
        job_monitoring_interval=_HEARTBEAT_SECONDS,
        log_job_description=False,
    )
    worker.work(logging_level="WARNING")


if __name__ == "__main__":
    main(sys.argv[1:] or list(QUEUES))
