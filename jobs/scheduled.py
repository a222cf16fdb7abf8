"""The job behind a slot: claim it in the ledger, run it, record how it ended."""

import logging

from jobs.timetable import BY_NAME
from shared import scheduling
from shared.observability import new_request_id, request_id

log = logging.getLogger(__name__)


def perform(name: str, slot: int) -> None:
    """Run one slot of a schedule unless it is finished. A failure is recorded and tried again by the scheduler."""
    if not scheduling.claim(name, slot):
        return
    token = request_id.set(new_request_id())
    try:
        output = BY_NAME[name].job()
    except Exception as error:
        log.exception("scheduled job %s failed", name)
        scheduling.finish(name, slot, f"{type(error).__name__}: {error}", failed=True)
    else:
        scheduling.finish(name, slot, output)
    finally:
        request_id.reset(token)
