"""The interface to a search engine. Everything outside this room sees these types; an engine is an adapter behind them.

An engine holds a copy: it answers with ids, and SQL has the last word on every row shown.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal, NamedTuple, Protocol

MAX_LIMIT = 50
# Deeper pages are refused by every engine: nobody reads them, crawlers do, and their cost grows with depth.
MAX_DEPTH = 1_000
# With fewer hits than this for all words, listings with any of the words are added.
ENOUGH = 10

# The value of a field of a category; the largest one that is a number.
MAX_NUMBER = 2**32 - 2
Detail = str | int | bool


class Sort(StrEnum):
    """How hits are ordered; ties go to the newer listing, then to the higher id.

    Without a text RELEVANCE is NEWEST, and so is NEAREST without a point.
    """

    RELEVANCE = "relevance"
    NEWEST = "newest"
    PRICE_ASC = "price_asc"
    PRICE_DESC = "price_desc"
    NEAREST = "nearest"


@dataclass(frozen=True, slots=True)
class Point:
    """A place on Earth in degrees. Raises ValueError for what is none."""

    lat: float
    lon: float

    def __post_init__(self) -> None:
        if not (-90 <= self.lat <= 90 and -180 <= self.lon <= 180):
            raise ValueError(f"{self.lat}, {self.lon} is no place on Earth")


@dataclass(frozen=True, slots=True)
class Document:
    """What an engine knows of one published listing. Times are UTC seconds, prices minor units of `currency`.

    `price` is 0 without a currency for something free, None when the price is to be asked for. `region` is unique
    within `country`; `section` is the parent of `category`, or `category` itself. `revision` grows with every change.
    `details` are the values of the category's own fields by key, numbers from 0 to MAX_NUMBER; a date is a
    number such as 20261231.
    """

    listing: int
    revision: int
    title: str
    body: str
    city: int
    region: str
    country: str
    category: str
    section: str
    price: int | None
    currency: str | None
    has_photo: bool
    condition: str | None
    lat: float | None
    lon: float | None
    posted_at: int
    details: Mapping[str, Detail] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Upsert:
    """Make the index hold this document and no other of its listing."""

    document: Document


@dataclass(frozen=True, slots=True)
class Delete:
    """Make the index hold nothing of this listing."""

    listing: int


Change = Upsert | Delete


@dataclass(frozen=True, slots=True)
class DetailFilter:
    """What a field of a category must say: `value`, whatever its case and accents, or a number within the bounds."""

    key: str
    value: Detail | None = None
    minimum: int | None = None
    maximum: int | None = None


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """A visitor's question. Every field but `text` narrows; None and False mean "any".

    `text` may be anything at all. A price bound leaves out what has no price; with `currency` it also leaves out
    other currencies, but never what is free. All of `details` must hold; a bound leaves out what has no such number.
    `near` and `within_km` together leave out what lies farther away; `near` alone is for the order. `facets` asks for
    the counts too, `exact` for the text as it is spelled. Hits past MAX_DEPTH are not given, `limit` is cut to
    MAX_LIMIT.
    """

    text: str = ""
    city: int | None = None
    region: str | None = None
    country: str | None = None
    category: str | None = None
    section: str | None = None
    price_min: int | None = None
    price_max: int | None = None
    currency: str | None = None
    has_photo: bool = False
    since: int | None = None
    condition: str | None = None
    details: tuple[DetailFilter, ...] = ()
    near: Point | None = None
    within_km: float | None = None
    sort: Sort = Sort.RELEVANCE
    facets: bool = False
    exact: bool = False
    offset: int = 0
    limit: int = MAX_LIMIT

    @property
    def window(self) -> tuple[int, int]:
        """The ranks asked for as [start, stop), within what an engine gives."""
        start = min(max(self.offset, 0), MAX_DEPTH)
        return start, min(start + min(max(self.limit, 0), MAX_LIMIT), MAX_DEPTH)


class Hit(NamedTuple):
    """A listing that matches, and the city whose catalogue shard has its row."""

    listing: int
    city: int


@dataclass(frozen=True, slots=True)
class Facets:
    """How many of all hits are in each part of what was asked for; a part without any is not named.

    Categories of the section asked for, or sections when neither was. Cities (by id) of the region asked for, or else
    regions of the country, or else countries. What was asked for to the last level is not counted.
    """

    sections: Mapping[str, int] = field(default_factory=dict)
    categories: Mapping[str, int] = field(default_factory=dict)
    countries: Mapping[str, int] = field(default_factory=dict)
    regions: Mapping[str, int] = field(default_factory=dict)
    cities: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Page:
    """One page of hits in order. `total` counts every hit; `more` says that the next page has some.

    `matched` is "any" when listings with only some of the words were added; `corrected` is the text searched for
    instead of the visitor's, if it was; `missing` are the words of it, as typed, that no listing has at all.
    """

    hits: Sequence[Hit]
    total: int
    more: bool
    corrected: str | None = None
    matched: Literal["all", "any"] = "all"
    facets: Facets | None = None
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Cursor:
    """Up to where the feed of each shard is in the index named `index`: {shard: feed_seq}."""

    index: str
    positions: Mapping[str, int] = field(default_factory=dict)

    def advanced(self, shard: str, feed_seq: int) -> "Cursor":
        """The same with `shard` at `feed_seq`."""
        return Cursor(self.index, {**self.positions, shard: feed_seq})


@dataclass(frozen=True, slots=True)
class Health:
    """Whether the index can be asked, and if not, why; with the figures an operator looks at."""

    ok: bool
    reason: str | None = None
    index: str | None = None
    documents: int = 0
    deleted: int = 0
    segments: int = 0
    bytes: int = 0
    committed_at: int | None = None
    positions: Mapping[str, int] = field(default_factory=dict)
    built: int = 0

    @property
    def outgrown(self) -> bool:
        """Whether half as many listings came since the build as it began with: their words are not learned yet."""
        return self.documents - self.built > self.built // 2


class SearchIndex(Protocol):
    """A search engine. Reading is safe from many threads and processes at once; writing is for one process."""

    def search(self, request: SearchRequest) -> Page:
        """Answer a question; sees a commit of another process within a second. Raises IndexUnavailable."""

    def suggest(self, prefix: str, limit: int) -> list[str]:
        """How a question that is being typed may go on, the likeliest first, each as a whole question.

        Only the last word is completed, perhaps by two. Raises IndexUnavailable.
        """

    def frequencies(self, terms: Iterable[str]) -> dict[str, int]:
        """How many listings have each of these terms of the analysis, deleted ones too. Raises IndexUnavailable."""

    def apply(self, changes: Iterable[Change], cursor: Cursor | None = None) -> None:
        """Make the changes, then remember `cursor`; may be repeated. The last change of a listing wins.

        Raises InvalidDocument before anything is written, StaleCursor when the index was switched since `cursor` was
        read, IndexBusy while another writer is at work, IndexUnavailable. After anything else the process must end.
        """

    def rebuild(self, documents: Iterable[Document], positions: Mapping[str, int]) -> int:
        """Build a new index beside the live one and switch to it; returns the number of documents.

        `positions` are the feeds' positions from before the first document was read, so that a replay from them brings
        in what changed meanwhile. Each listing must come once; an invalid one is left out, with a line in the log.
        Raises IndexBusy while another rebuild is running.
        """

    def health(self) -> Health:
        """Look at the index as a new reader would. Never raises."""

    def contents(self, first: int, last: int) -> dict[int, int]:
        """The revision of each listing in the index whose id is within these. Raises IndexUnavailable."""

    def cursor(self) -> Cursor:
        """The cursor of the last commit. Raises IndexUnavailable."""
