"""Accounts: who somebody is, and how a browser proves it.

Verbs that hash a password or claim an address open their own transactions (`sign_up`, `log_in`, `reset_password`, ...);
those that take a session belong to the caller's. Call `configure(settings)` once at boot.
"""

from shared.accounts import links, passwords, throttle
from shared.accounts.account import (
    Contact,
    change_name,
    check_name,
    contact,
    count_unread,
    export,
    farewell_contact,
)
from shared.accounts.addresses import parse_address
from shared.accounts.changes import (
    ask_address_change,
    ask_reset,
    change_address,
    change_password,
    check_password,
    close_account,
    look_at_link,
    may_move_to,
    reset_password,
    settle_address,
)
from shared.accounts.errors import AddressTaken, Busy, ClaimLost, LinkSpent, NotConfirmed, WrongCredentials
from shared.accounts.housekeeping import forget_expired, settle_claims
from shared.accounts.links import former_address, mint_for, mint_link, pending_address
from shared.accounts.logging_in import find_by_address, log_in
from shared.accounts.policy import configure
from shared.accounts.sessions import Browser, SignedIn, browsers, load_session, log_out, log_out_everywhere
from shared.accounts.signing_up import ask_confirmation, confirm, create_confirmed, sign_up
from shared.accounts.warnings import warn, warning, warnings

__all__ = [
    "AddressTaken",
    "Browser",
    "Busy",
    "ClaimLost",
    "Contact",
    "LinkSpent",
    "NotConfirmed",
    "SignedIn",
    "WrongCredentials",
    "ask_address_change",
    "ask_confirmation",
    "ask_reset",
    "browsers",
    "change_address",
    "change_name",
    "change_password",
    "check_name",
    "check_password",
    "close_account",
    "configure",
    "confirm",
    "contact",
    "count_unread",
    "create_confirmed",
    "export",
    "farewell_contact",
    "find_by_address",
    "former_address",
    "forget_expired",
    "links",
    "load_session",
    "log_in",
    "log_out",
    "log_out_everywhere",
    "look_at_link",
    "may_move_to",
    "mint_for",
    "mint_link",
    "parse_address",
    "passwords",
    "pending_address",
    "reset_password",
    "settle_address",
    "settle_claims",
    "sign_up",
    "throttle",
    "warn",
    "warning",
    "warnings",
]
