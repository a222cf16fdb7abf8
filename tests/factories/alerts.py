"""Saved searches for tests, made through the room's own verbs, and whoever compares listings with them."""

from pathlib import Path
from typing import Any

from shared import alerts, listings
from shared.alerts import Wish
from shared.alerts.keys import KeyMaker
from shared.alerts.matching import Matcher
from shared.search import SearchRequest, open_index
from shared.sharding import allocate_owner, read, unit_of_work
from tests.factories.listings import INNSBRUCK
from tests.factories.settings import settings

# No index lies there: words are those of the program, and long ones count as rare.
_NOWHERE = settings(Path("/nonexistent"))


def key_maker() -> KeyMaker:
    """What makes keys without an index."""
    return alerts.key_maker(_NOWHERE, open_index(_NOWHERE))


def matcher() -> Matcher:
    """What compares listings with saved searches, with the words of the program."""
    return alerts.matcher(_NOWHERE)


def wish(request: SearchRequest, *, name: str = "Bicycles", frequency: str = "instant") -> Wish:
    """A search that somebody wants saved."""
    return Wish(name, frequency, {"q": request.text or "bicycle"}, alerts.to_text(request))


def saved(
    owner: int, text: str = "bicycle", *, name: str = "Bicycles", frequency: str = "instant", **asked: Any
) -> int:
    """A search that the owner has saved; returns its id."""
    wanted = wish(SearchRequest(text, **asked), name=name, frequency=frequency)
    keys = key_maker().keys(wanted.request)
    return unit_of_work(owner, lambda session: alerts.save(session, wanted, keys))


def saved_by_guest(email: str = "guest@example.org", text: str = "bicycle", **asked: Any) -> int:
    """A search of somebody without an account, not confirmed yet; returns its id."""
    wanted = wish(SearchRequest(text, **asked))
    keys = key_maker().keys(wanted.request)
    return unit_of_work(allocate_owner(), lambda session: alerts.save_for_guest(session, email, wanted, keys))


def favourite(owner: int, listing: int, price: int | None = 12_000, currency: str | None = "EUR") -> None:
    """Have the owner save a listing at this price."""
    unit_of_work(owner, lambda session: listings.add_favourite(session, listing, INNSBRUCK, (price, currency)))


def search(search_id: int) -> alerts.SavedSearch:
    """The saved search as its row says."""
    with read(search_id >> 22) as session:
        return alerts.search_of(session, search_id)


def change(search_id: int, verb: Any, *arguments: Any) -> None:
    """Run `verb(session, search, ...)` in a unit of work of its owner."""
    unit_of_work(search_id >> 22, lambda session: verb(session, alerts.search_of(session, search_id), *arguments))
