"""Sessions: a row on the user's shard for each signed-in browser, whose cookie holds the secret and the way there.

A session ends 30 days after it was last seen and 180 days after it began, or when its owner ends it.
"""

from dataclasses import dataclass

from sqlalchemy import bindparam, delete, select, update

from shared import clock
from shared.accounts import tokens
from shared.accounts.models import LoginSession, User, row_range
from shared.ids import compose, owner_of
from shared.sharding import Family, OwnerSession, next_id, read, unit_of_work

IDLE_SECONDS = 30 * 86_400
ABSOLUTE_SECONDS = 180 * 86_400
SEEN_EVERY_SECONDS = 3600
MOST = 50

_row, _user = LoginSession.__table__, User.__table__
_LOAD = select(
    *(_row.c.secret_hash, _row.c.seen_at, _row.c.expires_at),
    *(_user.c.state, _user.c.name, _user.c.email, _user.c.created_at, _user.c.unread),
).where(_row.c.id == bindparam("session"), _user.c.id == bindparam("user"), _user.c.owner == _row.c.owner)
_MINE = (
    select(LoginSession)
    .where(LoginSession.owner == bindparam("mine"), LoginSession.id.between(bindparam("first"), bindparam("last")))
    .order_by(LoginSession.seen_at.desc(), LoginSession.id.desc())
)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The user of a request, in the shape that flask-login asks for. He is always active and confirmed.

    `unread` counts the messages that wait for him.
    """

    owner: int
    session: int
    name: str
    email: str
    created_at: int
    unread: int = 0
    is_authenticated: bool = True
    is_active: bool = True
    is_anonymous: bool = False

    @property
    def id(self) -> int:
        """The id of the user's own row."""
        return compose(self.owner, 0)

    def get_id(self) -> str:
        """For flask-login; nothing is kept under it."""
        return str(self.session)


@dataclass(frozen=True, slots=True)
class Browser:
    """One signed-in browser, as its owner sees it in the list. `agent` is what the browser called itself."""

    id: int
    agent: str
    network: str
    created_at: int
    seen_at: int


def start(session: OwnerSession, agent: str, network: str) -> str:
    """Sign a browser in; returns the cookie's value. The oldest sessions past 50 are ended."""
    now = clock.now()
    for surplus in _alive(session)[MOST - 1 :]:
        session.delete(surplus)
    row = LoginSession(
        id=next_id(session, Family.SESSION),
        owner=session.owner,
        created_at=now,
        seen_at=now,
        expires_at=now + ABSOLUTE_SECONDS,
        agent="".join(filter(str.isprintable, agent))[:120],
        network=network[:45],
    )
    cookie, row.secret_hash = tokens.mint(row.id)
    session.add(row)
    return cookie


def load_session(cookie: str) -> SignedIn | None:
    """Who the cookie signs in, or None. One read on one shard; once an hour it also writes when it was seen."""
    found = tokens.parse(cookie)
    if found is None:
        return None
    session_id, offered = found
    owner = owner_of(session_id)
    with read(owner) as session:
        row = session.execute(_LOAD, {"session": session_id, "user": compose(owner, 0)}).first()
    now = clock.now()
    if row is None or row.state != "active" or not tokens.same(row.secret_hash, offered):
        return None
    if now >= row.expires_at or now >= row.seen_at + IDLE_SECONDS:
        return None
    if now >= row.seen_at + SEEN_EVERY_SECONDS:
        _see(owner, session_id, now)
    return SignedIn(owner, session_id, row.name, row.email, row.created_at, row.unread)


def browsers(session: OwnerSession) -> list[Browser]:
    """Where the session's owner is signed in, the last seen first."""
    return [Browser(row.id, row.agent, row.network, row.created_at, row.seen_at) for row in _alive(session)]


def log_out(session: OwnerSession, session_id: int) -> None:
    """End one session of the session's owner; ending it twice, or one that is not his, does nothing."""
    session.execute(delete(LoginSession).where(LoginSession.owner == session.owner, LoginSession.id == session_id))


def log_out_everywhere(session: OwnerSession, *, but: int = 0) -> None:
    """End every session of the session's owner, except the one with id `but`."""
    first, last = row_range(session.owner)
    mine = (LoginSession.owner == session.owner, LoginSession.id.between(first, last))
    session.execute(delete(LoginSession).where(*mine, LoginSession.id != but))


def _alive(session: OwnerSession) -> list[LoginSession]:
    first, last = row_range(session.owner)
    rows = session.execute(_MINE, {"mine": session.owner, "first": first, "last": last}).scalars()
    now = clock.now()
    return [row for row in rows if now < min(row.expires_at, row.seen_at + IDLE_SECONDS)]


def _see(owner: int, session_id: int, now: int) -> None:
    statement = update(LoginSession).where(LoginSession.owner == owner, LoginSession.id == session_id)
    unit_of_work(owner, lambda session: session.execute(statement.values(seen_at=now)))
