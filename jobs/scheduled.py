"""The job behind a slot: claim it in the ledger, run it, record how it ended."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import SQLAlchemyError

from jobs.timetable import BY_NAME
from shared import scheduling
from shared.observability import new_request_id, request_id
from shared.steps import Step, reached

log = logging.getLogger(__name__)
# Several times within scheduler.QUIET_SECONDS: a long job must not be taken for one that its worker lost.
HEARTBEAT_SECONDS = 5.0


def perform(name: str, slot: int, attempts: int = 0) -> None:
    """Run one slot of a schedule after so many attempts, unless somebody has begun this one or the slot is finished.

    A failure is recorded and tried again by the scheduler.
    """
    if not scheduling.claim(name, slot, attempts):
        return
    reached(Step.SCHEDULED_CLAIMED)
    token = request_id.set(new_request_id())
    try:
        with _heard_of(name, slot):
            output = BY_NAME[name].job()
            reached(Step.SCHEDULED_RAN)
    except Exception as error:
        log.exception("scheduled job %s failed", name)
        scheduling.finish(name, slot, f"{type(error).__name__}: {error}", failed=True)
    else:
        scheduling.finish(name, slot, output)
        reached(Step.SCHEDULED_FINISHED)
    finally:
        request_id.reset(token)


@contextmanager
def _heard_of(name: str, slot: int) -> Iterator[None]:
    """Touch the slot every few seconds while the block runs."""
    over = threading.Event()

    def beat() -> None:
        while not over.wait(HEARTBEAT_SECONDS):
            try:
                scheduling.touch(name, slot)
            except SQLAlchemyError as error:
                log.warning("could not touch %s: %s", name, type(error).__name__)

    beating = threading.Thread(target=beat, name=f"heartbeat {name}", daemon=True)
    beating.start()
    try:
        yield
    finally:
        over.set()
        beating.join()
