"""Alerts: searches that people save, the listings that match them, and favourites that cost less than before.

A new or changed listing is compared with the saved searches of everybody by an inverted index over them (`matcher`,
docs/alerts.md). What is found is recorded with whoever saved the search, gathered, and mailed by a consumer.
"""

from typing import TYPE_CHECKING

from shared.alerts.gathering import Dropped, Found, Match, dropped, due, found, frequencies, gather
from shared.alerts.models import PriceDrop, SavedSearch, SearchKey, SearchMatch
from shared.alerts.prices import is_news, note_price
from shared.alerts.recording import note_matches
from shared.alerts.requests import from_text, to_text
from shared.alerts.saving import (
    MOST_SEARCHES,
    NAME_LONGEST,
    Wish,
    change,
    confirm,
    export,
    forget_all,
    news,
    pause,
    remove,
    resume,
    save,
    save_for_guest,
    search_for_token,
    search_of,
    search_of_token,
    searches,
    token,
)
from shared.alerts.upkeep import forget_drops, forget_matches, forget_unconfirmed, renew_keys
from shared.search import SearchIndex, words_path

if TYPE_CHECKING:
    from shared.alerts.keys import KeyMaker
    from shared.alerts.matching import Matcher
    from shared.config import Settings
    from shared.search.language import Language

__all__ = [
    "MOST_SEARCHES",
    "NAME_LONGEST",
    "Dropped",
    "Found",
    "Match",
    "PriceDrop",
    "SavedSearch",
    "SearchKey",
    "SearchMatch",
    "Wish",
    "change",
    "confirm",
    "dropped",
    "due",
    "export",
    "forget_all",
    "forget_drops",
    "forget_matches",
    "forget_unconfirmed",
    "found",
    "frequencies",
    "from_text",
    "gather",
    "is_news",
    "key_maker",
    "matcher",
    "news",
    "note_matches",
    "note_price",
    "pause",
    "remove",
    "renew_keys",
    "resume",
    "save",
    "save_for_guest",
    "search_for_token",
    "search_of",
    "search_of_token",
    "searches",
    "to_text",
    "token",
]


def matcher(settings: "Settings") -> "Matcher":
    """What compares listings with the saved searches of this installation. Make one for each process and keep it."""
    from shared.alerts.matching import Matcher  # the analysis of texts: only who compares or saves loads it

    return Matcher(_language(settings))


def key_maker(settings: "Settings", index: SearchIndex) -> "KeyMaker":
    """What makes the keys of searches to be saved. Make one for each process and keep it."""
    from shared.alerts.keys import KeyMaker

    return KeyMaker(_language(settings), index)


def _language(settings: "Settings") -> "Language":
    from shared.search.language import Language

    return Language(settings.var / "index", words_path(settings))
