"""What becomes of rows whose time is over. The scheduler runs these; each may be run at any time, again and again."""

from collections.abc import Callable

from sqlalchemy import delete, select, update

from shared import clock
from shared.accounts import claims, links, throttle
from shared.accounts.changes import settle_address
from shared.accounts.models import AccountLink, AccountWarning, LoginSession, User, row_range
from shared.accounts.sessions import IDLE_SECONDS
from shared.events import AccountClosed, record
from shared.sharding import OwnerSession, current, on_shard, unit_of_work

SPENT_LINK_SECONDS = 30 * 86_400
FAREWELL_SECONDS = 7 * 86_400
UNCONFIRMED_SECONDS = 30 * 86_400
_BATCH = 500


def settle_claims() -> int:
    """Settle claims whose 15 minutes are over; returns how many."""
    return claims.settle_expired()


def forget_expired(farewell: Callable[[OwnerSession], None] = lambda _: None) -> int:
    """Delete sessions and links that cannot be used any more, counters that are over, the names and addresses of
    accounts closed a week ago, and sign-ups that nobody confirmed for a month; returns how many rows.

    `farewell` deletes what other rooms hold of such an account, in the same transaction.
    """
    now = clock.now()
    rows, seen = throttle.forget_expired(), set[int]()
    # A range that a shard only mirrors is found there too, and not changed there: hence no owner twice.
    while owners := _owners_with_something_over(now) - seen:
        rows += sum(_forget_of(owner, now, farewell) for owner in owners)
        seen |= owners
    return rows


def _owners_with_something_over(now: int) -> set[int]:
    """Some of them. None of this needs to be exact: `_forget` looks again, under the owner's guard."""
    over = (
        select(LoginSession.owner).where(LoginSession.expires_at <= now),
        select(AccountLink.owner).where(AccountLink.expires_at <= now - SPENT_LINK_SECONDS),
        select(User.owner).where(User.closed_at <= now - FAREWELL_SECONDS, User.email != ""),
        select(User.owner).where(User.state == "pending", User.created_at <= now - UNCONFIRMED_SECONDS),
    )
    found: set[int] = set()
    for shard in current().names("user"):
        with on_shard(shard) as session:
            for statement in over:
                found |= set(session.execute(statement.distinct().limit(_BATCH)).scalars())
    return found


def _forget_of(owner: int, now: int, farewell: Callable[[OwnerSession], None]) -> int:
    rows = unit_of_work(owner, lambda session: _forget(session, now, farewell))
    if not unit_of_work(owner, lambda session: _give_up(session, now)):
        return rows
    settle_address(owner)
    return rows + 1


def _give_up(session: OwnerSession, now: int) -> bool:
    """Close the account of a sign-up that was never confirmed, and forget at once whose it was; whether it was one.

    Its address is free once `settle_address` ran, here or in the consumer of AccountClosed. One condition decides, so
    that a confirmation at the same time either comes first or finds its link gone.
    """
    given_up = session.execute(
        update(User)
        .where(User.owner == session.owner, User.id == row_range(session.owner)[0])
        .where(User.state == "pending", User.created_at <= now - UNCONFIRMED_SECONDS)
        .values(state="closed", closed_at=now, password_hash=None, email="", name="")
    ).rowcount
    if given_up:
        links.revoke_unused(session)
        record(session, AccountClosed(user=session.owner))
    return bool(given_up)


def _forget(session: OwnerSession, now: int, farewell: Callable[[OwnerSession], None]) -> int:
    first, last = row_range(session.owner)
    statements = (
        delete(LoginSession).where(
            LoginSession.owner == session.owner,
            LoginSession.id.between(first, last),
            (LoginSession.expires_at <= now) | (LoginSession.seen_at <= now - IDLE_SECONDS),
        ),
        delete(AccountLink).where(
            AccountLink.owner == session.owner,
            AccountLink.id.between(first, last),
            AccountLink.expires_at <= now - SPENT_LINK_SECONDS,
        ),
    )
    rows: int = sum(session.execute(statement).rowcount for statement in statements)
    unnamed: int = session.execute(
        update(User)
        .where(User.owner == session.owner, User.id == first)
        .where(User.closed_at <= now - FAREWELL_SECONDS, User.email != "")
        .values(email="", name="")
    ).rowcount
    if unnamed:
        session.execute(delete(AccountWarning).where(AccountWarning.owner == session.owner))
        farewell(session)
    return rows + unnamed
