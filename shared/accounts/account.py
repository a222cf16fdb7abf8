"""The account's own row: reading it, and the changes that need neither a password nor another database."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, update

from shared.accounts.addresses import on_the_wire
from shared.accounts.models import AccountLink, AccountWarning, LoginSession, User, row_range
from shared.errors import Invalid, NotFound
from shared.ids import compose, public
from shared.sharding import OwnerSession
from shared.text import clean_line

NAME_LONGEST = 60
_UNFIT = re.compile(r"[<>\"@]|https?:|www\.", re.I)


@dataclass(frozen=True, slots=True)
class Contact:
    """Where mail to somebody goes. `state` is guest, pending or active."""

    owner: int
    email: str
    name: str
    state: str


def contact(session: OwnerSession) -> Contact | None:
    """The session's owner as an addressee; None when there is no such user or he has closed his account."""
    user = find(session)
    if user is None or user.state == "closed" or not user.email:
        return None
    return Contact(user.owner, on_the_wire(user.email), user.name, user.state)


def farewell_contact(session: OwnerSession) -> Contact | None:
    """Where to tell of a closed account; None when it is open or already forgotten."""
    user = find(session)
    if user is None or user.state != "closed" or not user.email:
        return None
    return Contact(user.owner, on_the_wire(user.email), user.name, user.state)


def find(session: OwnerSession) -> User | None:
    """The row of the session's owner."""
    return session.get(User, compose(session.owner, 0))


def require_active(session: OwnerSession) -> User:
    """The row of the session's owner; NotFound unless the account is confirmed and open."""
    user = find(session)
    if user is None or user.state != "active":
        raise NotFound("There is no such account.")
    return user


def check_name(name: str, field: str = "name") -> str:
    """A public name, cleaned as all text is. Raises Invalid (about `field`)."""
    name = clean_line(name)
    if not name:
        raise Invalid({field: "Enter the name that others will see"})
    if len(name) > NAME_LONGEST:
        raise Invalid({field: f"Shorten this to {NAME_LONGEST} characters; it has {len(name)}"})
    if _UNFIT.search(name) or not any(character.isalnum() for character in name):
        raise Invalid({field: "Use a name made of letters: no e-mail or web addresses"})
    return name


def change_name(session: OwnerSession, name: str) -> str:
    """Set the public name and return it as kept. Raises Invalid. The door tells rooms that keep copies of it."""
    require_active(session).name = kept = check_name(name)
    return kept


def count_unread(session: OwnerSession, by: int) -> None:
    """Change by `by` how many messages wait for the session's owner."""
    this = (User.owner == session.owner, User.id == compose(session.owner, 0))
    session.execute(update(User).where(*this).values(unread=User.unread + by))


def export(session: OwnerSession) -> Iterator[dict[str, Any]]:
    """Everything this room holds of the session's owner, as JSON values, for "download my data". No hashes."""
    user = find(session)
    if user is None:
        return
    yield {"kind": "account", **_plain(user, but={"password_hash"})}
    first, last = row_range(session.owner)
    for table, kind in ((LoginSession, "login"), (AccountLink, "mailed link"), (AccountWarning, "warning")):
        rows = session.execute(select(table).where(table.owner == session.owner, table.id.between(first, last)))
        for row in rows.scalars():
            yield {"kind": kind, **_plain(row, but={"secret_hash", "given_by", "listing"})}


def _plain(row: Any, but: set[str]) -> dict[str, Any]:
    kept = [column.key for column in row.__table__.columns if column.key not in but | {"id", "owner"}]
    return {"id": public(row.id), **{key: getattr(row, key) for key in kept}}
