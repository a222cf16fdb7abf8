"""Named steps of the event spine, before and after each commit and enqueue: the places where a chaos run kills.

Outside a chaos run nothing happens at them: there is no folder of orders, and `reached` returns at once.
"""

import contextlib
import os
import signal
from enum import StrEnum
from pathlib import Path


class Step(StrEnum):
    """Where a process may die. Each name says what has just been done, or is about to be committed."""

    RELAY_NUMBERING = "relay-numbering"  # numbers written, not committed
    RELAY_NUMBERED = "relay-numbered"  # committed, nothing enqueued
    RELAY_ENQUEUED = "relay-enqueued"
    RELAY_ADOPTING = "relay-adopting"  # lost events marked as waiting, not committed
    RELAY_ADOPTED = "relay-adopted"
    RELAY_CLAIMING = "relay-claiming"  # tries that are due taken, not committed
    RELAY_CLAIMED = "relay-claimed"
    CONSUMER_BEGUN = "consumer-begun"  # the job was taken from the queue
    CONSUMER_HANDLED = "consumer-handled"  # the effect is there, the mark is not committed
    CONSUMER_MARKED = "consumer-marked"  # committed, the queue does not know yet
    SCHEDULER_ENTERING = "scheduler-entering"  # slots entered, not committed
    SCHEDULER_ENTERED = "scheduler-entered"  # committed, nothing enqueued
    SCHEDULER_ENQUEUED = "scheduler-enqueued"
    SCHEDULED_CLAIMED = "scheduled-claimed"  # the run has begun in the ledger
    SCHEDULED_RAN = "scheduled-ran"  # the job has done its work, the ledger does not know
    SCHEDULED_FINISHED = "scheduled-finished"
    WEBHOOK_CLAIMED = "webhook-claimed"  # a delivery is leased, nothing sent
    WEBHOOK_SENT = "webhook-sent"  # the receiver has answered, the attempt is not committed
    WEBHOOK_RECORDED = "webhook-recorded"


_orders: Path | None = None


def obey(folder: Path) -> None:
    """Heed the orders that a chaos run puts into `folder`; without such a folder this process never looks again."""
    global _orders
    _orders = folder if folder.is_dir() else None


def reached(step: Step) -> None:
    """Die here, once, when a file of the step's name asks for it: SIGKILL, to the process that it names or to this."""
    if _orders is None:
        return
    order = _orders / step
    try:
        victim = order.read_text()
        order.unlink()
    except FileNotFoundError:
        return
    with contextlib.suppress(ProcessLookupError):  # somebody else was quicker
        os.kill(int(victim or os.getpid()), signal.SIGKILL)
