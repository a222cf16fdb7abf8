"""Saving a search, changing it, forgetting it. Verbs that change one take it from `search_of` in the same session."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, func, insert, select

from shared import clock, ids, listings, preferences, signing
from shared.accounts import Contact
from shared.accounts.models import row_range
from shared.alerts.calendar import FREQUENCIES
from shared.alerts.models import PriceDrop, SavedSearch, SearchKey, SearchMatch
from shared.errors import Conflict, Invalid, NotFound
from shared.events import AlertConfirmationAsked, record
from shared.sharding import Family, OwnerSession, next_id
from shared.text import clean_line

if TYPE_CHECKING:
    from shared.alerts.keys import Keys

MOST_SEARCHES = 50
NAME_LONGEST = 120
_LINK = "saved search"
_MINE = (
    select(SavedSearch)
    .where(SavedSearch.owner == bindparam("mine"), SavedSearch.id.between(bindparam("first"), bindparam("last")))
    .order_by(SavedSearch.id)
)
_MINE_LOCKED = _MINE.with_for_update()
_NEW = (
    select(SearchMatch.search, func.count())
    .where(SearchMatch.owner == bindparam("mine"), SearchMatch.at >= bindparam("since"))
    .group_by(SearchMatch.search)
)


@dataclass(frozen=True, slots=True)
class Wish:
    """A search as somebody wants it saved. `parameters` are those of the search page's address without what passes
    (page, order, view, "posted since"); `request` is what they ask, as `requests.to_text` writes it.
    """

    name: str
    frequency: str
    parameters: Mapping[str, str]
    request: str


def save(session: OwnerSession, wish: Wish, keys: "Keys") -> int:
    """Save a search of the session's owner; returns its id. `keys` are those of its request.

    Raises Invalid about `name` or `frequency`, Conflict when he has as many as there can be.
    """
    if len(searches(session)) >= MOST_SEARCHES:
        raise Conflict(f"You have {MOST_SEARCHES} saved searches, as many as there can be. Delete one first.")
    return _add(session, wish, keys, "active")


def save_for_guest(session: OwnerSession, email: str, wish: Wish, keys: "Keys") -> int:
    """Make the session's owner a guest with this valid address, and save the search for when he has confirmed it by
    the link that is mailed to him; returns the search's id."""
    listings.add_guest(session, email)
    search = _add(session, wish, keys, "unconfirmed")
    record(session, AlertConfirmationAsked(search=search))
    return search


def _add(session: OwnerSession, wish: Wish, keys: "Keys", state: str) -> int:
    row = SavedSearch(
        id=next_id(session, Family.SAVED_SEARCH),
        owner=session.owner,
        parameters=dict(wish.parameters),
        request=wish.request,
        state=state,
        created_at=clock.now(),
        mailed_at=0,
        analysis="",
        **_checked(wish.name, wish.frequency),
    )
    session.add(row)
    rekey(session, row, keys)
    return row.id


def rekey(session: OwnerSession, search: SavedSearch, keys: "Keys") -> None:
    """Keep a search under these keys and no others."""
    search.analysis = keys.analysis
    session.flush()  # its keys must not be there without it
    session.execute(delete(SearchKey).where(SearchKey.owner == session.owner, SearchKey.search == search.id))
    this = {"owner": session.owner, "search": search.id}
    session.execute(insert(SearchKey), [{**key._asdict(), **this} for key in dict.fromkeys(keys.keys)])


def search_of(session: OwnerSession, search_id: int) -> SavedSearch:
    """A saved search of the session's owner, locked in a writing session; NotFound when it is another's or none."""
    this = (SavedSearch.owner == session.owner, SavedSearch.id == search_id)
    statement = select(SavedSearch).where(*this)
    row = session.execute(statement.with_for_update() if session.write else statement).scalar_one_or_none()
    if row is None:
        raise NotFound("There is no such saved search. Perhaps it has been deleted.")
    return row  # type: ignore[no-any-return]


def searches(session: OwnerSession) -> Sequence[SavedSearch]:
    """The saved searches of the session's owner, the oldest first; locked in a writing session."""
    first, last = row_range(session.owner)
    statement = _MINE_LOCKED if session.write else _MINE
    found: Sequence[SavedSearch] = session.scalars(
        statement, {"mine": session.owner, "first": first, "last": last}
    ).all()
    return found


def news(session: OwnerSession, since: int) -> dict[int, int]:
    """How many listings have matched each search of the session's owner since then (UTC seconds)."""
    found = session.execute(_NEW, {"mine": session.owner, "since": since})
    return dict(found.all())


def change(session: OwnerSession, search: SavedSearch, name: str, frequency: str) -> None:
    """Give a search another name and frequency. Raises Invalid. What waits for a mail waits on."""
    for column, value in _checked(name, frequency).items():
        setattr(search, column, value)
    if search.due_at is not None:
        search.due_at = FREQUENCIES[search.frequency].next(clock.now(), search.mailed_at)


def confirm(session: OwnerSession, search: SavedSearch) -> None:
    """Start a guest's search, whose address is thereby shown to be his. May be called again."""
    if search.state == "unconfirmed":
        search.state = "active"


def pause(session: OwnerSession, search: SavedSearch) -> None:
    """Stop looking and mailing; what waits for a mail is not told any more."""
    if search.state == "active":
        search.state, search.due_at = "paused", None
        waiting = (SearchMatch.owner == session.owner, SearchMatch.search == search.id, SearchMatch.batch.is_(None))
        session.execute(delete(SearchMatch).where(*waiting))


def resume(session: OwnerSession, search: SavedSearch) -> None:
    """Look again, for what comes from now on."""
    if search.state == "paused":
        search.state = "active"


def remove(session: OwnerSession, search: SavedSearch) -> None:
    """Delete a search and all that was found for it; a guest who has no other is forgotten with it."""
    for table in (SearchKey, SearchMatch):
        session.execute(delete(table).where(table.owner == session.owner, table.search == search.id))
    session.delete(search)
    session.flush()  # the guest is only forgotten once nothing is left
    if not searches(session) and listings.forget_guest(session):
        preferences.forget(session)


def forget_all(session: OwnerSession) -> None:
    """Delete all that this room holds of the session's owner, who is forgotten himself."""
    for table in (SearchKey, SearchMatch, PriceDrop, SavedSearch):
        session.execute(delete(table).where(table.owner == session.owner))


def token(key: bytes, search_id: int, contact: Contact) -> str:
    """What opens one saved search without logging in: for links in mails to `contact`, its owner. The same each time;
    void once the address is another or the search is gone. `key` is the site's secret."""
    return signing.sign(key, _LINK, search_id, contact.email)


def search_of_token(token: str) -> int:
    """The saved search that a token claims to open; NotFound for text that is none. Proves nothing yet."""
    found = signing.claimed(token)
    if found is None:
        raise _no_link()
    return found


def search_for_token(session: OwnerSession, key: bytes, token: str, contact: Contact | None) -> SavedSearch:
    """The saved search that a token opens; `contact` is the session's owner. NotFound for a wrong or void token."""
    if contact is None or not signing.proves(key, _LINK, token, contact.email):
        raise _no_link()
    return search_of(session, search_of_token(token))


def export(session: OwnerSession) -> Iterator[dict[str, Any]]:
    """What this room holds of the session's owner, as JSON values, for "download my data"."""
    for row in searches(session):
        said = {name: getattr(row, name) for name in ("name", "parameters", "frequency", "state", "created_at")}
        yield {"kind": "saved search", "id": ids.public(row.id), **said, "mailed_at": row.mailed_at}
    matches = select(SearchMatch.search, SearchMatch.listing, SearchMatch.at).where(SearchMatch.owner == session.owner)
    for match in session.execute(matches):
        pair = {"search": ids.public(match.search), "listing": ids.public(match.listing)}
        yield {"kind": "listing found by a saved search", **pair, "at": match.at}
    drops = select(PriceDrop).where(PriceDrop.owner == session.owner)
    for drop in session.scalars(drops):
        prices = {"before": drop.before, "amount": drop.amount, "currency": drop.currency}
        yield {"kind": "favourite that costs less", "listing": ids.public(drop.listing), **prices, "at": drop.at}


def _checked(name: str, frequency: str) -> dict[str, str]:
    name, errors = clean_line(name), {}
    if not name:
        errors["name"] = "Give it a name, by which you know it in your mail"
    elif len(name) > NAME_LONGEST:
        errors["name"] = f"Shorten this to {NAME_LONGEST} characters; it has {len(name)}"
    if frequency not in FREQUENCIES:
        errors["frequency"] = "Choose one of the options shown"
    if errors:
        raise Invalid(errors)
    return {"name": name, "frequency": frequency}


def _no_link() -> NotFound:
    return NotFound("This link is not valid (any more). Use the one in the newest mail that you have from us.")
