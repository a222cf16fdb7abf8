"""What can go wrong with the index; SQL still knows everything, so none of it is a visitor's error."""

from shared.errors import MarketError

# The reason on a site that has just been made.
NO_INDEX_YET = "there is no search index yet"


class IndexUnavailable(MarketError):
    """The index is missing, unreadable or of another version; the message says which. Browsing by SQL still works."""

    code = "search_unavailable"
    permanent = False


class IndexBusy(MarketError):
    """Another writer holds the index, or another rebuild is running."""

    code = "search_busy"
    permanent = False


class StaleCursor(MarketError):
    """The index was switched after the cursor was read: read the cursor again and start from there."""

    code = "search_switched"
    permanent = False


class InvalidDocument(MarketError):
    """A document that does not fit the index."""

    code = "invalid_document"

    def __init__(self, listing: int, problem: str) -> None:
        super().__init__(f"listing {listing}: {problem}")
        self.listing = listing


class InvalidWords(MarketError):
    """A word that the lists of the search cannot hold, or a list that cannot be read; the message says why."""

    code = "invalid_words"
