"""Which saved searches a listing matches, out of those of all shards: found by its keys, then compared in full."""

from functools import lru_cache
from itertools import chain

from sqlalchemy import bindparam, select

from shared.alerts import keys
from shared.alerts.models import SavedSearch, SearchKey
from shared.alerts.requests import from_text
from shared.alerts.subject import Subject, read
from shared.ids import owner_of
from shared.search import Document
from shared.search.language import Language
from shared.sharding import concatenate, fan_out, table_of

# Many people look for the same, and what a question means costs more to find out than to compare.
_REMEMBERED = 4_096
_search, _key = table_of(SavedSearch), table_of(SearchKey)
_CANDIDATES = (
    select(_search.c.id, _search.c.state, _search.c.request)
    .join(_key, _key.c.search == _search.c.id)
    .where(
        _key.c.selector.in_(bindparam("selectors", expanding=True)),
        _key.c.scope.in_(bindparam("scopes", expanding=True)),
    )
)


class Matcher:
    """Compares listings with saved searches. One object serves all threads and remembers what questions mean."""

    def __init__(self, language: Language) -> None:
        self._language = language
        self._request, self._query = lru_cache(_REMEMBERED)(from_text), lru_cache(_REMEMBERED)(read)

    def subject(self, document: Document) -> Subject:
        """A listing, to be compared with questions. Raises InvalidDocument."""
        return Subject(document, self._language.current().analyzer)

    def fits(self, subject: Subject, request: str) -> bool:
        """Whether a listing is among the answers to a request, which is as `requests.to_text` writes it."""
        asked = self._request(request)
        if not subject.passes(asked):
            return False
        if not asked.text:
            return True
        query = self._query(asked.text, subject.analyzer)
        return bool(query) and subject.has(query)

    def searches(self, document: Document) -> list[int]:
        """The active saved searches of other people that the listing matches, in the order of their ids."""
        subject = self.subject(document)
        selectors, scopes = keys.of_listing(subject)
        rows = fan_out(_CANDIDATES, {"selectors": selectors, "scopes": scopes}, keyspace="user", merge=concatenate)
        seller = owner_of(document.listing)
        # Many ask the same, and one may be found by several of its keys.
        asked: dict[str, set[int]] = {}
        for search, state, request in map(tuple, rows):
            if state == "active" and owner_of(search) != seller:
                asked.setdefault(request, set()).add(search)
        fitting = (searches for request, searches in asked.items() if self.fits(subject, request))
        return sorted(chain.from_iterable(fitting))
