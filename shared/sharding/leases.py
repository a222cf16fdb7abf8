"""Leases in the directory: at most one holder believes to lead, and its fence grows with every change of hands."""

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from shared import clock
from shared.sharding.models import Lease
from shared.sharding.session import directory


def acquire(name: str, holder: str, seconds: int) -> int | None:
    """Take or renew the lease for `seconds`; returns the fence, or None while somebody else holds it.

    A lease saves work; it never guards data, since a holder can pause past its end.
    """
    try:
        with directory() as session:
            return _acquire(session, name, holder, clock.now(), seconds)
    except IntegrityError:  # two first holders at once: the primary key chose the other one
        return None


def _acquire(session: Session, name: str, holder: str, now: int, seconds: int) -> int | None:
    lease = session.execute(select(Lease).where(Lease.name == name).with_for_update()).scalar_one_or_none()
    if lease is None:
        session.add(Lease(name=name, owner=holder, fence=1, expires_at=now + seconds))
        return 1
    if lease.owner != holder and lease.expires_at >= now:
        return None
    if lease.owner != holder or lease.expires_at < now:
        lease.owner, lease.fence = holder, lease.fence + 1
    lease.expires_at = now + seconds
    return lease.fence


def release(name: str, holder: str) -> None:
    """Give the lease up at once, so that the next holder need not wait."""
    with directory() as session:
        session.execute(update(Lease).where(Lease.name == name, Lease.owner == holder).values(expires_at=0))
