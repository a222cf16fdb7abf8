"""Threads in which buyer and seller talk about a listing, each side's copy on its own shard.

The writer writes on his shard; events carry a message to the conversation's home, the seller's copy, which numbers it,
and from there to the other side (`deliver`, `bring_up_to_date`). Verbs that change a thread take it from `thread` or
`open_thread` in the same writing session. Call `configure(settings)` once in a process that mails or receives mail.
"""

from shared.messaging.arrivals import arrivals, note_arrival
from shared.messaging.blocking import block, blocked, blocks, refusal, unblock
from shared.messaging.carrying import GATHER_SECONDS, bring_up_to_date, deliver
from shared.messaging.errors import CannotWriteToYourself, NotTaken, OfferOver, RelayClosed
from shared.messaging.filing import archive, delete_copy, forget_all, mark_read, purge_deleted, restore
from shared.messaging.mails import Due, claim_mail, mails_due, mark_mailed
from shared.messaging.models import WAITING, Message, Thread
from shared.messaging.notes import note_end
from shared.messaging.queries import (
    FOLDERS,
    PAGE,
    THREADS_PAGE,
    export,
    find_thread,
    message,
    messages,
    newer,
    newest,
    place,
    thread,
    threads,
)
from shared.messaging.relay import check_relay, configure, is_received, mint_relay, reply_by_mail, revoke_relay
from shared.messaging.words import STATES, not_taken, said
from shared.messaging.writing import BODY_LONGEST, answer, offer, open_thread, send

__all__ = [
    "BODY_LONGEST",
    "FOLDERS",
    "GATHER_SECONDS",
    "PAGE",
    "STATES",
    "THREADS_PAGE",
    "WAITING",
    "CannotWriteToYourself",
    "Due",
    "Message",
    "NotTaken",
    "OfferOver",
    "RelayClosed",
    "Thread",
    "answer",
    "archive",
    "arrivals",
    "block",
    "blocked",
    "blocks",
    "bring_up_to_date",
    "check_relay",
    "claim_mail",
    "configure",
    "delete_copy",
    "deliver",
    "export",
    "find_thread",
    "forget_all",
    "is_received",
    "mails_due",
    "mark_mailed",
    "mark_read",
    "message",
    "messages",
    "mint_relay",
    "newer",
    "newest",
    "not_taken",
    "note_arrival",
    "note_end",
    "offer",
    "open_thread",
    "place",
    "purge_deleted",
    "refusal",
    "reply_by_mail",
    "restore",
    "revoke_relay",
    "said",
    "send",
    "thread",
    "threads",
    "unblock",
]
