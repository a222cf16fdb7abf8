"""Names that only one account can have. The directory holds the claim, the owner's shard decides what became of it.

claim (directory, pending) -> fence and user row in one transaction (shard) -> activate (directory). Whoever dies on the
way leaves a pending claim; when it expires, the fence on the shard tells whether it was used, or is declared void there
first, so that a slow sign-up and the sweeper cannot both win.
"""

import logging
import secrets

from sqlalchemy import ColumnElement, delete, insert, select, update
from sqlalchemy.exc import IntegrityError, OperationalError

from shared import clock
from shared.accounts.errors import ClaimLost
from shared.sharding import OwnerSession, ScopeMoved, directory, unit_of_work
from shared.sharding.models import Claim, ClaimFence

log = logging.getLogger(__name__)
EMAIL = "email"
PENDING_SECONDS = 15 * 60
_USED, _VOID = "used", "void"


def claim(kind: str, value: str, owner: int) -> bytes | None:
    """Reserve `value` for `owner` for 15 minutes: the token for `use`, or None when somebody else has it.

    May be called again for an unfinished claim of the same owner, and then gives its token. An expired claim in the way
    is settled first.
    """
    for _ in range(3):
        token = secrets.token_bytes(16)
        if _insert(kind, value, owner, token):
            return token
        held = _find(kind, value)
        if held is None:
            continue
        expired = held.state == "pending" and held.expires_at <= clock.now()
        if held.owner == owner and not expired:
            return held.token
        if not expired:
            return None
        settle(held)
    return None


def use(session: OwnerSession, token: bytes) -> bool:
    """In the transaction that writes the claimed name: mark the claim as used. Raises ClaimLost when it is void.

    False when it was marked before: an earlier run of the same work had committed, and its answer was lost.
    """
    verdict = _verdict(session, token)
    if verdict == _VOID:
        raise ClaimLost
    if verdict == _USED:
        return False
    _write_verdict(session, token, _USED)
    return True


def activate(owner: int, token: bytes) -> None:
    """Make a used claim permanent. May be called twice; the sweeper does it for whoever died before this."""
    with directory() as session:
        session.execute(update(Claim).where(*_this(owner, token)).values(state="active"))


def holder(kind: str, value: str) -> int | None:
    """Who holds the name, or is about to: the row on his shard has the last word."""
    with directory(write=False) as session:
        statement = select(Claim.owner).where(Claim.kind == kind, Claim.value_norm == value)
        return session.execute(statement).scalar_one_or_none()


def active_values(kind: str, owner: int) -> list[str]:
    """The names that `owner` holds for good. More than one only until `release` is done with the former ones."""
    with directory(write=False) as session:
        mine = select(Claim.value_norm).where(Claim.owner == owner, Claim.kind == kind, Claim.state == "active")
        return list(session.execute(mine).scalars())


def release(kind: str, values: list[str], owner: int) -> None:
    """Give names up. Names that are not the owner's are left alone."""
    if values:
        with directory() as session:
            session.execute(delete(Claim).where(Claim.kind == kind, Claim.value_norm.in_(values), Claim.owner == owner))


def settle_expired(limit: int = 500) -> int:
    """Settle claims whose 15 minutes are over, oldest first; returns how many. One whose shard is away waits for it."""
    with directory(write=False) as session:
        over = select(Claim).where(Claim.state == "pending", Claim.expires_at <= clock.now())
        expired = session.execute(over.order_by(Claim.expires_at).limit(limit)).scalars().all()
    settled = 0
    for each in expired:
        try:
            settle(each)
            settled += 1
        except (OperationalError, ScopeMoved) as error:
            log.warning("a claim waits for the shard of %s: %s", each.owner, type(error).__name__)
    return settled


def settle_pending_of(owner: int) -> None:
    """Settle the unfinished claims of an existing account without waiting for their 15 minutes."""
    with directory(write=False) as session:
        statement = select(Claim).where(Claim.owner == owner, Claim.state == "pending")
        unfinished = session.execute(statement).scalars().all()
    for each in unfinished:
        settle(each)


def settle(pending: Claim) -> bool:
    """Decide an unfinished claim on its owner's shard: used ones become active (True), others void and free (False)."""
    used = _void_unless_used(pending)
    if used:
        activate(pending.owner, pending.token)
    else:
        with directory() as session:
            session.execute(delete(Claim).where(*_this(pending.owner, pending.token), Claim.state == "pending"))
    return used


def _this(owner: int, token: bytes) -> tuple[ColumnElement[bool], ...]:
    # The owner is for the index: by the token alone every claim would be read, and on MariaDB locked.
    return Claim.owner == owner, Claim.token == token


def _void_unless_used(pending: Claim) -> bool:
    def decide(session: OwnerSession) -> bool:
        verdict = _verdict(session, pending.token)
        if verdict is None:
            _write_verdict(session, pending.token, _VOID)
        return verdict == _USED

    for _ in range(2):
        try:
            return unit_of_work(pending.owner, decide)
        except ClaimLost:  # a verdict was written between our look and our write: look again
            continue
    raise ClaimLost


def _insert(kind: str, value: str, owner: int, token: bytes) -> bool:
    row: dict[str, object] = {"kind": kind, "value_norm": value, "owner": owner, "state": "pending", "token": token}
    row["expires_at"] = clock.now() + PENDING_SECONDS
    try:
        with directory() as session:
            session.execute(insert(Claim), [row])
    except IntegrityError:
        return False
    return True


def _find(kind: str, value: str) -> Claim | None:
    with directory(write=False) as session:
        return session.get(Claim, (kind, value))


def _verdict(session: OwnerSession, token: bytes) -> str | None:
    mine = (ClaimFence.owner == session.owner, ClaimFence.token == token)
    verdict: str | None = session.execute(select(ClaimFence.verdict).where(*mine)).scalar_one_or_none()
    return verdict


def _write_verdict(session: OwnerSession, token: bytes, verdict: str) -> None:
    try:
        session.execute(insert(ClaimFence), {"token": token, "owner": session.owner, "verdict": verdict})
    except IntegrityError:
        raise ClaimLost from None
