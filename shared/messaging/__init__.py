"""Messages between users about a listing, each side's copy on its own shard.

The sender writes on his shard and an event carries the message over; the recipient's copy is made once.
"""

from shared.messaging.actions import BODY_LONGEST, deliver, forget_all, mark_read, send
from shared.messaging.queries import PAGE, Received, Sent, export, inbox, received, sent, unread

__all__ = [
    "BODY_LONGEST",
    "PAGE",
    "Received",
    "Sent",
    "deliver",
    "export",
    "forget_all",
    "inbox",
    "mark_read",
    "received",
    "send",
    "sent",
    "unread",
]
