"""Writing to a Whoosh index: the only way in that neither leaks a lock nor brings a deleted listing back."""

import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from shared.search.analyzer import Analyzer
from shared.search.engine import FileIndex, FileStorage, LockError, SegmentWriter, W3Codec
from shared.search.errors import IndexBusy, InvalidDocument
from shared.search.lexicon import WORDS, Lexicon
from shared.search.port import Change, Delete, Document
from shared.search.schema import Learn, row, schema
from shared.search.segments import Segment, alive_documents
from shared.search.vocabulary import Counting
from shared.search.words import Words
from shared.search.words import write as write_words

log = logging.getLogger(__name__)
# Whoosh keeps postings in memory up to this and then sorts them on disk.
COMMIT_MB, BUILD_MB = 64, 256
# Fewer, larger blocks are quicker to decode; the stock 128 is made for skipping, which is not done here.
BLOCK = 1024
OpenSegment = Callable[[Any], Segment]


def write_changes(lexicon: Lexicon, changes: Iterable[Change], open_segment: OpenSegment) -> bool:
    """Apply changes to the build of a lexicon in one commit; False when they change nothing. `open_segment` turns
    Whoosh's segments into ours.

    Everything is checked before the writer opens. Raises InvalidDocument, IndexBusy.
    """
    latest = {_listing(change): change for change in changes}
    if not latest:
        return False
    rows = [row(change.document, lexicon.analyzer) for change in latest.values() if not isinstance(change, Delete)]
    writer = _writer(lexicon.build, COMMIT_MB)
    try:
        deleted = _delete(writer, np.array(sorted(latest), np.int64), open_segment)
        for each in rows:
            writer.add_document(**each)
        if not rows and not deleted:
            writer.cancel()
            return False
        writer.commit()  # by default it merges small segments only; optimising takes minutes
    except BaseException:
        _give_up(writer)
        raise
    return True


def write_build(build: Path, documents: Iterable[Document], words: Words) -> int:
    """Write a whole index with its lexicon into an empty directory; returns how many documents.

    Memory is bounded by BUILD_MB and by the number of different words.
    """
    write_words(build / WORDS, words)
    analyzer = Lexicon(build).analyzer
    counting = Counting(analyzer)
    FileIndex.create(FileStorage(str(build)), schema())
    writer = _writer(build, BUILD_MB)
    count = 0
    try:
        for values in _valid_rows(documents, analyzer, counting.add):
            writer.add_document(**values)
            count += 1
        writer.commit(merge=False)
    except BaseException:
        _give_up(writer)
        raise
    counting.save(build)
    return count


def _valid_rows(documents: Iterable[Document], analyzer: Analyzer, learn: Learn) -> Iterator[dict[str, Any]]:
    for document in documents:
        try:
            yield row(document, analyzer, learn)
        except InvalidDocument as error:
            log.error("not indexed: %s", error.message)


def _writer(build: Path, limitmb: int) -> SegmentWriter:
    index = FileIndex(FileStorage(str(build)), schema=schema())
    try:
        return SegmentWriter(index, limitmb=limitmb, codec=W3Codec(blocklimit=BLOCK))
    except LockError:
        raise IndexBusy("another process is writing to the search index") from None


def _listing(change: Change) -> int:
    return change.listing if isinstance(change, Delete) else change.document.listing


def _delete(writer: SegmentWriter, listings: Any, open_segment: OpenSegment) -> int:
    """Mark the documents of these listings as deleted, wherever they are; returns how many there were."""
    count = base = 0
    for segment in writer.segments:
        held = open_segment(segment).numbers("listing")
        for document in np.flatnonzero(np.isin(held, listings) & alive_documents(segment)).tolist():
            writer.delete_document(base + document)
            count += 1
        base += segment.doc_count_all()
    return count


def _give_up(writer: SegmentWriter) -> None:
    # A writer that failed inside may not be able to cancel either; the process ends and the kernel frees the lock.
    with suppress(Exception):
        writer.cancel()
