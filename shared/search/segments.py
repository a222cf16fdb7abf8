"""Whoosh's segments as arrays. A segment's files never change, so what was read of one serves every later commit.

This reads Whoosh's own layout (big-endian columns, delta-coded blocks of postings); a test compares it with Whoosh's.
"""

import threading
from collections import OrderedDict
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from shared.search.damage import reading
from shared.search.engine import TOC, FileStorage, SegmentReader, TermNotFound, byte_to_length
from shared.search.lexicon import Lexicon
from shared.search.schema import BODY, DETAIL_NUMBERS, DETAILS, NUMBERS, SEQUENCE, TITLE, WORDS, schema

Documents = NDArray[np.integer[Any]]
_LENGTHS = np.array([byte_to_length(code) for code in range(256)], dtype=np.float32)
_NUMPY = {"q": ">i8", "I": ">u4", "B": ">u1", "f": ">f4"}
CACHE_BYTES = 64 * 2**20
_OPEN_ATTEMPTS = 10
_CODES = NUMBERS | dict.fromkeys(DETAIL_NUMBERS.values(), "I")


class Postings(NamedTuple):
    """The documents of a term in ascending order, with how often it stands in their titles and bodies.

    As small as can be, since many are kept; no score tells 255 times from more.
    """

    documents: Documents
    title: NDArray[np.uint8]
    body: NDArray[np.uint8]


NO_POSTINGS = Postings(np.empty(0, np.uint32), np.empty(0, np.uint8), np.empty(0, np.uint8))


class PostingsCache:
    """The decoded postings last used, up to CACHE_BYTES."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entries: OrderedDict[tuple[str, str], Postings] = OrderedDict()
        self._bytes = 0

    def get(self, key: tuple[str, str]) -> Postings | None:
        with self._lock:
            found = self._entries.get(key)
            if found is not None:
                self._entries.move_to_end(key)
            return found

    def put(self, key: tuple[str, str], postings: Postings) -> None:
        with self._lock:
            if key not in self._entries:
                self._entries[key] = postings
                self._bytes += _size(postings)
            while self._bytes > CACHE_BYTES:
                _, oldest = self._entries.popitem(last=False)
                self._bytes -= _size(oldest)


def _size(postings: Postings) -> int:
    return 200 + sum(each.nbytes for each in postings)


class Sequences(NamedTuple):
    """The words of all documents one after the other, in four bytes each; document n's start at `starts[n]`."""

    words: NDArray[np.uint32]
    starts: NDArray[np.int64]


class Segment:
    """One segment, open. Safe for many threads: Whoosh's files have one position each, so reading takes a lock."""

    def __init__(self, storage: FileStorage, segment: Any, cache: PostingsCache) -> None:
        self.name: str = segment.segment_id()
        self.size: int = segment.doc_count_all()
        self.total_lengths = {name: segment._fieldlengths.get(name, 0) for name in (TITLE, BODY)}
        with reading(self.name, passing=OSError):
            self._reader = SegmentReader(storage, schema(), segment)
        self._cache = cache
        self._lock = threading.Lock()
        self._columns: dict[str, NDArray[Any]] = {}
        self._words: dict[str, dict[bytes, int]] = {}

    def numbers(self, name: str) -> NDArray[Any]:
        """A numeric column, one value for each document."""
        if name not in self._columns:
            with self._lock, reading(name):
                self._columns[name] = self._read_numbers(name, _CODES[name])
        return self._columns[name]

    def words(self, name: str, value: str) -> tuple[NDArray[Any], int | None]:
        """A column of words as small numbers, and the number that stands for `value` (None: no document has it)."""
        if name not in self._words:
            with self._lock, reading(name):
                self._columns[name], self._words[name] = self._read_words(name)
        return self._columns[name], self._words[name].get(value.encode("utf-8", "replace"))

    def vocabulary(self, name: str) -> list[bytes]:
        """The words that the small numbers of a column of words stand for, in their order."""
        self.words(name, "")
        return list(self._words[name])

    def lengths(self, name: str) -> NDArray[np.float32]:
        """The number of terms of a text field of each document, as coarsely as Whoosh keeps it."""
        key = f"_{name}_len"
        if key not in self._columns:
            with self._lock, reading(key):
                self._columns[key] = _LENGTHS[self._read_numbers(key, "B")]
        return self._columns[key]

    def postings(self, term: str) -> Postings:
        """Where a term stands."""
        key = (self.name, term)
        found = self._cache.get(key)
        if found is None:
            with self._lock, reading("postings"):
                found = _join(self._decode(TITLE, term), self._decode(BODY, term))
            self._cache.put(key, found)
        return found

    def having(self, detail: str) -> Documents:
        """The documents with a term of `detail_term`, in ascending order."""
        key = (self.name, detail)
        found = self._cache.get(key)
        if found is None:
            with self._lock, reading("details"):
                found = Postings(self._decode(DETAILS, detail)[0], *NO_POSTINGS[1:])
            self._cache.put(key, found)
        return found.documents

    @cached_property
    def sequences(self) -> Sequences:
        """The order of the words. They stay in the memory map."""
        with self._lock, reading(SEQUENCE):
            return self._read_sequences()

    @cached_property
    def everything(self) -> Documents:
        """Every document number, deleted ones too."""
        return np.arange(self.size)

    def load(self) -> None:
        """Read every column and the first term. Raises Damaged."""
        for name in NUMBERS:
            self.numbers(name)
        for name in WORDS:
            self.words(name, "")
        for name in (TITLE, BODY):
            self.lengths(name)
        with self._lock, reading("terms"):
            for field, text in self._reader.all_terms():
                self._decode(field, text.decode())
                break

    def _read_numbers(self, name: str, code: str) -> NDArray[Any]:
        if not self._reader._perdoc.has_column(name):
            return np.zeros(self.size, _NUMPY[code][1:])
        stream, start, length = self._reader._perdoc._get_column_file(name)
        values = np.frombuffer(stream.get(start, length), _NUMPY[code])
        # Whoosh leaves out the zeros at the end.
        return np.pad(values.astype(_NUMPY[code][1:]), (0, self.size - len(values)))

    def _read_sequences(self) -> Sequences:
        starts = np.zeros(self.size + 1, np.int64)
        if not self._reader._perdoc.has_column(SEQUENCE):
            return Sequences(np.empty(0, np.uint32), starts)
        column = self._reader.schema[SEQUENCE].column_type
        reader = self._reader._perdoc.column_reader(SEQUENCE, column)
        np.cumsum(reader._lengths, out=starts[1:])
        view = reader._dbfile._buf[reader._basepos : reader._basepos + int(starts[-1])]
        if int(starts[-1]) > min(len(view), reader._length):
            raise EOFError(f"column {SEQUENCE} is cut off")
        return Sequences(np.frombuffer(view, "<u4"), starts // 4)

    def _read_words(self, name: str) -> tuple[NDArray[Any], dict[bytes, int]]:
        if not self._reader._perdoc.has_column(name):
            # Whoosh merges segments whose documents are all deleted into one without any.
            return np.zeros(self.size, np.uint8), {b"": 0}
        column = self._reader.schema[name].column_type
        reader = self._reader._perdoc.column_reader(name, column)
        data = reader._dbfile.get(reader._basepos, self.size * reader._itemsize)
        numbers = np.frombuffer(data, f">u{reader._itemsize}").astype(f"u{reader._itemsize}")
        if len(numbers) != self.size:
            raise EOFError(f"column {name} is cut off")
        if numbers.max(initial=0) >= len(reader._uniques):
            raise ValueError(f"column {name} has numbers without a word")
        return numbers, {word: at for at, word in enumerate(reader._uniques)}

    def _decode(self, field: str, term: str) -> tuple[Documents, NDArray[np.uint8]]:
        try:
            matcher = self._reader._terms.matcher(field, term.encode(), self._reader.schema[field].format)
        except TermNotFound:
            return NO_POSTINGS.documents, NO_POSTINGS.title
        documents, counts = [], []
        while True:
            matcher._read_data()
            # The first number of a block and the steps from there; a count for each, one for all, or None for once.
            steps, count, _ = matcher._data
            documents.append(np.cumsum(steps, dtype=np.int64))
            counts.append(np.full(len(steps), 1 if count is None else count, np.float32))
            if matcher._lastblock:
                return self._within(np.concatenate(documents)), _byte(np.concatenate(counts))
            matcher._next_block()

    def _within(self, documents: NDArray[np.int64]) -> Documents:
        if documents.min(initial=0) < 0 or documents.max(initial=-1) >= self.size:
            raise ValueError("postings have numbers without a document")
        return documents.astype(np.uint32)


def _byte(counts: NDArray[np.float32]) -> NDArray[np.uint8]:
    return np.minimum(counts, 255).astype(np.uint8)


def _join(title: tuple[Documents, NDArray[np.uint8]], body: tuple[Documents, NDArray[np.uint8]]) -> Postings:
    documents = np.union1d(title[0], body[0])
    joined = Postings(documents, np.zeros(len(documents), np.uint8), np.zeros(len(documents), np.uint8))
    joined.title[np.searchsorted(documents, title[0])] = title[1]
    joined.body[np.searchsorted(documents, body[0])] = body[1]
    return joined


class Snapshot:
    """The index as of one commit: its segments, and which of their documents are still there."""

    def __init__(
        self, lexicon: Lexicon, generation: int, segments: list[Segment], alive: list[NDArray[np.bool_]]
    ) -> None:
        self.lexicon, self.build, self.generation = lexicon, lexicon.build, generation
        self.segments, self.alive = segments, alive
        self.size = sum(segment.size for segment in segments)
        self.count = int(sum(mask.sum() for mask in alive))

    def average_length(self, field: str) -> float:
        """Terms in the field of an average document, at least 1."""
        total: int = sum(segment.total_lengths[field] for segment in self.segments)
        return max(1.0, total / max(1, self.size))

    def contents(self, first: int, last: int) -> dict[int, int]:
        """The revision of each listing whose id is within these, for comparing with SQL."""
        found: dict[int, int] = {}
        for segment, mask in zip(self.segments, self.alive, strict=True):
            listings = segment.numbers("listing")
            wanted = np.flatnonzero(mask & (listings >= first) & (listings <= last))
            revisions = segment.numbers("revision")[wanted]
            found.update(zip(listings[wanted].tolist(), revisions.tolist(), strict=True))
        return found


def open_snapshot(lexicon: Lexicon, known: dict[str, Segment], cache: PostingsCache) -> Snapshot:
    """Open the newest commit of a lexicon's build, taking over segments that are open already. Raises Damaged, OSError.

    A commit may delete the files between reading the table of contents and opening them: then the newer one is read.
    """
    build = lexicon.build
    storage = FileStorage(str(build))
    for attempt in range(_OPEN_ATTEMPTS):
        try:
            with reading("table of contents", passing=OSError):
                contents = TOC.read(storage, "MAIN", schema=schema())
            segments = [known.get(each.segment_id()) or Segment(storage, each, cache) for each in contents.segments]
        except FileNotFoundError:
            if attempt == _OPEN_ATTEMPTS - 1 or latest_generation(build) < 0:
                raise
            continue
        alive = [alive_documents(each) for each in contents.segments]
        return Snapshot(lexicon, contents.generation, segments, alive)
    raise AssertionError("unreachable")


def latest_generation(build: Path) -> int:
    """The number of the newest commit, -1 when there is none."""
    return int(TOC._latest_generation(FileStorage(str(build)), "MAIN"))


def alive_documents(segment: Any) -> NDArray[np.bool_]:
    """Which documents of a Whoosh segment are not deleted."""
    mask = np.ones(segment.doc_count_all(), np.bool_)
    mask[list(segment.deleted_docs())] = False
    return mask
