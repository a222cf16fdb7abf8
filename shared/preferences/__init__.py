"""Which mails somebody wants, the links that say so without logging in, and whether his mailbox takes any.

A mail of a `Kind` goes out only if `wants` says so. `jobs.mailing.send(..., kind=..., owner=...)` asks, and puts the
links in; no other place needs to.
"""

from shared.preferences.bounces import DAYS_TO_STOP, bounced, count, is_return_path, reset, return_path, stopped, wants
from shared.preferences.choices import OPT_IN, Kind, choices, choose, choose_all, export, forget
from shared.preferences.links import CHECK, PREFERENCES, mint, owner_of_token, redeem
from shared.preferences.models import MailBounce, MailChoice

__all__ = [
    "CHECK",
    "DAYS_TO_STOP",
    "OPT_IN",
    "PREFERENCES",
    "Kind",
    "MailBounce",
    "MailChoice",
    "bounced",
    "choices",
    "choose",
    "choose_all",
    "count",
    "export",
    "forget",
    "is_return_path",
    "mint",
    "owner_of_token",
    "redeem",
    "reset",
    "return_path",
    "stopped",
    "wants",
]
