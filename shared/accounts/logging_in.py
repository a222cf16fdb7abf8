"""Logging in: counted first, then hashed, and told apart from a failure only at the very end."""

from collections.abc import Callable
from hashlib import blake2b

from shared.accounts import account, addresses, claims, passwords, sessions, throttle
from shared.accounts.errors import NotConfirmed, WrongCredentials
from shared.accounts.models import User
from shared.errors import Invalid
from shared.events import ConfirmationAsked, record
from shared.ids import MAX_OWNER
from shared.sharding import OwnerSession, read, unit_of_work


def log_in(email: str, password: str, agent: str = "", network: str = "") -> str:
    """Check the password and start a session; returns the cookie's value.

    Raises WrongCredentials, Throttled, Busy; NotConfirmed, after asking for a new mail, when only that is missing.
    """
    value = _claim_value(email)
    throttle.count("login", account=value, network=network)
    user = find(value)
    if not passwords.verify(password, user.password_hash if user else None) or user is None:
        raise WrongCredentials
    if user.state == "pending":
        _ask_confirmation(user.owner, value)
        raise NotConfirmed
    return open_session(user, password, agent, network)


def open_session(
    user: User, password: str, agent: str, network: str, *, first: Callable[[OwnerSession], None] = lambda _: None
) -> str:
    """Start a session of `user`, whose password was just found right; returns the cookie's value.

    `first` changes the account in the same transaction. Raises WrongCredentials when the account was closed, or its
    password changed, while we were hashing.
    """
    better = passwords.hash(password) if passwords.needs_rehash(user.password_hash or "") else None

    def work(session: OwnerSession) -> str:
        first(session)
        return _start(session, user.password_hash, better, agent, network)

    cookie = unit_of_work(user.owner, work)
    throttle.trust(addresses.claim_value(user.email), network)
    return cookie


def find_by_address(email: str) -> User | None:
    """The open account with this address, detached, or None. For operators: a page must not tell what it finds."""
    return find(_claim_value(email))


def find(value: str) -> User | None:
    """The open account whose address has this claim value. An unknown one costs the same two reads."""
    owner = claims.holder(claims.EMAIL, value)
    with read(_nobody(value) if owner is None else owner) as session:
        user = account.find(session)
    if owner is None or user is None or user.state not in ("pending", "active"):
        return None
    # A former address may stay claimed for a moment after a change; it does not log in any more.
    return user if addresses.claim_value(user.email) == value else None


def _claim_value(email: str) -> str:
    try:
        return addresses.claim_value(addresses.parse_address(email))
    except Invalid:
        return email.strip().casefold()[: addresses.LONGEST]


def _nobody(value: str) -> int:
    """Some owner number to read in vain: another one for each unknown address, as it would be for known ones."""
    return int.from_bytes(blake2b(value.encode("utf-8", "replace"), digest_size=4).digest(), "big") & MAX_OWNER


def _start(session: OwnerSession, checked: str | None, better: str | None, agent: str, network: str) -> str:
    user = account.find(session)
    if user is None or user.state != "active" or user.password_hash != checked:
        raise WrongCredentials
    if better:
        user.password_hash = better
    return sessions.start(session, agent, network)


def _ask_confirmation(owner: int, value: str) -> None:
    if throttle.allows("confirm", account=value):
        unit_of_work(owner, lambda session: record(session, ConfirmationAsked(user=owner)))
