"""Scheduled jobs as a ledger: which slots are due, which ran, what came of them. Knows no clockwork and no queue."""

from shared.scheduling.ledger import (
    Slot,
    claim,
    dispatchable,
    enter,
    find,
    finish,
    forget,
    last_ended,
    last_slot,
    runs,
    touch,
)

__all__ = [
    "Slot",
    "claim",
    "dispatchable",
    "enter",
    "find",
    "finish",
    "forget",
    "last_ended",
    "last_slot",
    "runs",
    "touch",
]
