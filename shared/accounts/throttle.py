"""How often somebody may try: counters in the directory, raised before any work is done, kept over restarts.

Three kinds of counter: strict for one account from one network, loose for an account from anywhere, and for a network.
Strangers who use up an account's loose allowance do not lock out its owner: networks from which he logged in before
are held to the strict counter only. Keys are keyed hashes, so the table names nobody.
"""

import hmac
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.dialects import mysql, sqlite
from sqlalchemy.orm import Session

from shared import clock
from shared.accounts import policy
from shared.errors import Throttled
from shared.sharding import directory, rerun, table_of
from shared.sharding.forgetting import AT_ONCE, forget_in_directory
from shared.sharding.models import Throttle

TRUSTED_SECONDS = 30 * 86_400
MINUTE, HOUR, DAY = 60, 3600, 86_400


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` tries in each window of `seconds`."""

    most: int
    seconds: int


# For each action: what one account may from one network, one account from anywhere, one network in all.
LIMITS: dict[str, tuple[Limit | None, Limit | None, Limit | None]] = {
    "login": (Limit(10, 15 * MINUTE), Limit(100, HOUR), Limit(100, 15 * MINUTE)),
    "signup": (None, None, Limit(30, HOUR)),
    "reset": (Limit(4, HOUR), Limit(8, HOUR), Limit(30, HOUR)),
    "confirm": (Limit(4, HOUR), Limit(8, HOUR), Limit(30, HOUR)),
    "password": (Limit(10, 15 * MINUTE), Limit(30, HOUR), None),
    "address": (None, Limit(6, DAY), None),
    "link": (None, None, Limit(60, 15 * MINUTE)),
    "code": (Limit(6, 10 * MINUTE), Limit(30, HOUR), Limit(60, HOUR)),
    "repeated": (None, Limit(3, DAY), None),
    "message": (Limit(20, HOUR), Limit(60, DAY), Limit(60, HOUR)),
    "thread": (None, Limit(30, DAY), None),
    "report": (Limit(5, HOUR), Limit(20, DAY), Limit(20, HOUR)),
    "post": (None, Limit(100, DAY), Limit(60, HOUR)),
    # Mails to an address that somebody typed: nobody's mailbox is filled by way of many drafts.
    "guest_link": (Limit(6, HOUR), Limit(10, HOUR), Limit(30, HOUR)),
    # What makes us call an address that somebody named: naming it, one call at the press of a button, and, counted one
    # by one, deliveries that are sent again by the thousand.
    "webhook_address": (None, Limit(60, DAY), Limit(120, DAY)),
    "webhook_call": (None, Limit(100, HOUR), Limit(200, HOUR)),
    "webhook_replay": (None, Limit(50_000, DAY), Limit(100_000, DAY)),
    # Mails about an endpoint that fails and recovers all day.
    "webhook_health": (None, Limit(12, DAY), None),
    "upload": (None, Limit(1000, DAY), Limit(400, HOUR)),
    # Only for the write: what is not done for an unknown address must take as long as what is done for a known one.
    "balance": (None, Limit(1_000_000, HOUR), None),
}


def count(action: str, *, account: str = "", network: str = "", times: int = 1) -> None:
    """Count one try, or `times` of them, and raise Throttled when that is too many.

    `account` is a claim value or an owner as text.
    """
    counters = sorted(_counters(action, account, network))

    def raise_them() -> tuple[list[int], bool]:
        with directory() as session:
            totals = [_raise_counter(session, key, seconds, times) for key, _, seconds in counters]
            return totals, bool(account and network) and _is_trusted(session, account, network)

    totals, trusted = rerun(raise_them)
    loose = _key(action, account, "")
    over = [
        seconds
        for (key, limit, seconds), total in zip(counters, totals, strict=True)
        if total > limit and not (trusted and key == loose)
    ]
    if over:
        raise Throttled(max(seconds - clock.now() % seconds for seconds in over))


def allows(action: str, *, account: str = "", network: str = "") -> bool:
    """Count one try; False when it is one too many. For what is then silently not done."""
    try:
        count(action, account=account, network=network)
    except Throttled:
        return False
    return True


def trust(account: str, network: str) -> None:
    """The account's owner logged in from this network: forget his failed tries, remember the network for 30 days."""
    now = clock.now()
    row = {"key": _key("trusted", account, network), "window": 0, "count": 1, "expires_at": now + TRUSTED_SECONDS}

    def remember() -> None:
        with directory() as session:
            session.execute(delete(Throttle).where(Throttle.key == _key("login", account, network)))
            _upsert(session, row, {"expires_at": row["expires_at"]})

    rerun(remember)


def forget_expired(limit: int = AT_ONCE) -> int:
    """Delete counters whose window is over, so many in a transaction; returns how many in all."""
    forgotten = 0
    while batch := forget_in_directory(table_of(Throttle), Throttle.expires_at <= clock.now(), limit):
        forgotten += batch
    return forgotten


def _counters(action: str, account: str, network: str) -> list[tuple[bytes, int, int]]:
    """(key, most, seconds) of every counter that a try of this action raises."""
    pair, anywhere, whole_network = LIMITS[action]
    found = []
    if pair and account and network:
        found.append((_key(action, account, network), pair.most, pair.seconds))
    if anywhere and account:
        found.append((_key(action, account, ""), anywhere.most, anywhere.seconds))
    if whole_network and network:
        found.append((_key(action, "", network), whole_network.most, whole_network.seconds))
    return found


def _raise_counter(session: Session, key: bytes, seconds: int, times: int) -> int:
    window = clock.now() // seconds
    row = {"key": key, "window": window, "count": times, "expires_at": (window + 1) * seconds}
    _upsert(session, row, {"count": Throttle.__table__.c.count + times})
    mine = select(Throttle.count).where(Throttle.key == key, Throttle.window == window)
    return session.execute(mine).scalar_one()


def _upsert(session: Session, row: dict[str, Any], change: dict[str, Any]) -> None:
    if session.get_bind().dialect.name == "sqlite":
        session.execute(sqlite.insert(Throttle).values(row).on_conflict_do_update(["key", "window"], set_=change))
    else:
        session.execute(mysql.insert(Throttle).values(row).on_duplicate_key_update(change))


def _is_trusted(session: Session, account: str, network: str) -> bool:
    row = session.get(Throttle, (_key("trusted", account, network), 0))
    return row is not None and row.expires_at > clock.now()


def _key(action: str, account: str, network: str) -> bytes:
    message = "\0".join((action, account, network)).encode()
    return hmac.digest(policy.current().throttle_key, message, sha256)[:16]
