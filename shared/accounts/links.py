"""Mailed links: one purpose, one use, kept as a hash. The token names its owner, so no directory is asked.

Whoever sends the mail mints the link just before, in a transaction of the owner: no token is in an event or a job.
"""

import secrets
from typing import Any

from sqlalchemy import bindparam, delete, update

from shared import clock
from shared.accounts import tokens
from shared.accounts.addresses import on_the_wire
from shared.accounts.errors import LinkSpent
from shared.accounts.models import AccountLink, row_range
from shared.ids import owner_of
from shared.sharding import Family, OwnerSession, next_id

CONFIRM, RESET, ADDRESS = "confirm", "reset", "address"
LIFETIME_SECONDS = {CONFIRM: 48 * 3600, RESET: 3600, ADDRESS: 48 * 3600}

_USE = (
    update(AccountLink)
    .where(AccountLink.id == bindparam("link"), AccountLink.used_at.is_(None))
    .values(used_at=bindparam("now"))
    .execution_options(synchronize_session=False)
)


def mint_link(session: OwnerSession, purpose: str, data: Any = None) -> str:
    """A token of the session's owner for `purpose` ("confirm", "reset" or "address"), good for its lifetime.

    Several may be out at once: a mail that is sent again carries another one.
    """
    token = mint_for(session, prepare(session, purpose, data))
    if token is None:
        raise LinkSpent
    return token


def prepare(session: OwnerSession, purpose: str, data: Any = None) -> int:
    """A link that nobody has a token for yet; returns its id, which an event may carry. See `mint_for`."""
    now = clock.now()
    link = AccountLink(
        id=next_id(session, Family.LINK),
        owner=session.owner,
        purpose=purpose,
        secret_hash=secrets.token_bytes(32),
        data=data,
        created_at=now,
        expires_at=now + LIFETIME_SECONDS[purpose],
        used_at=None,
    )
    session.add(link)
    session.flush()  # an event that names the link must not be written without it
    return link.id


def mint_for(session: OwnerSession, link_id: int) -> str | None:
    """A fresh token for a prepared link; earlier tokens of it are void. None when it is gone, used or too old."""
    link = session.get(AccountLink, link_id)
    if link is None or not _usable(link):
        return None
    token, link.secret_hash = tokens.mint(link.id)
    return token


def owner_of_token(token: str) -> int:
    """Whose link it claims to be, for choosing the session; LinkSpent when it cannot be a link of anybody."""
    found = tokens.parse(token)
    if found is None:
        raise LinkSpent
    return owner_of(found[0])


def look(session: OwnerSession, purpose: str, token: str) -> AccountLink:
    """The link that the token opens, unused. Raises LinkSpent."""
    found = tokens.parse(token)
    if found is None or owner_of(found[0]) != session.owner:
        raise LinkSpent
    link = session.get(AccountLink, found[0])
    if link is None or link.purpose != purpose or not _usable(link) or not tokens.same(link.secret_hash, found[1]):
        raise LinkSpent
    return link


def use(session: OwnerSession, purpose: str, token: str) -> Any:
    """Use the link up and return its data, in the transaction that does what it is for. Raises LinkSpent."""
    link = look(session, purpose, token)
    if not session.execute(_USE, {"link": link.id, "now": clock.now()}).rowcount:
        raise LinkSpent
    return link.data


def revoke_all(session: OwnerSession, purpose: str) -> None:
    """Void every link of one purpose of the session's owner."""
    mine = (AccountLink.owner == session.owner, AccountLink.purpose == purpose)
    session.execute(delete(AccountLink).where(*mine, AccountLink.id.between(*row_range(session.owner))))


def revoke_unused(session: OwnerSession) -> None:
    """Void every link of the session's owner that was not used yet."""
    mine = (AccountLink.owner == session.owner, AccountLink.id.between(*row_range(session.owner)))
    session.execute(delete(AccountLink).where(*mine, AccountLink.used_at.is_(None)))


def pending_address(session: OwnerSession, link_id: int) -> str | None:
    """The new address that a prepared address change is for, None when it is gone, used or too old."""
    link = session.get(AccountLink, link_id)
    return on_the_wire(link.data["email"]) if link is not None and _usable(link) else None


def former_address(session: OwnerSession, link_id: int) -> str | None:
    """The address that the account had before the address change with this link, None when that is forgotten."""
    link = session.get(AccountLink, link_id)
    return on_the_wire(link.data["former"]) if link is not None else None


def _usable(link: AccountLink) -> bool:
    return link.used_at is None and link.expires_at > clock.now()
