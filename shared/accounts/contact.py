"""How to reach the owner of a session: for mails only, never for a page."""

from dataclasses import dataclass, field

from sqlalchemy import bindparam, select

from shared import ids
from shared.accounts.models import User
from shared.sharding import OwnerSession

_CONTACT = select(User.email, User.name, User.state).where(User.owner == bindparam("mine"), User.id == bindparam("user"))


@dataclass(frozen=True, slots=True)
class Contact:
    """An address to write to. `state` is guest, pending or active."""

    email: str = field(repr=False)
    name: str
    state: str


def contact(session: OwnerSession) -> Contact | None:
    """The address of the session's owner; None for a closed account and for a guest who has not given one."""
    row = session.execute(_CONTACT, {"mine": session.owner, "user": ids.compose(session.owner, 0)}).first()
    if row is None or row.state == "closed" or not row.email:
        return None
    return Contact(row.email, row.name, row.state)
