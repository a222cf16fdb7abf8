"""The engines beside which search is measured: SQLite FTS5 and tantivy, each as its own documentation would have it.

Both stem English (porter, en_stem) and weigh titles as served them best over two judged sets, among 1, 2, 3, 5 and 10.
Neither corrects spelling or counts by category and place.
"""

import re
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import tantivy

from shared.search import Change, Delete, Document, SearchRequest, Sort, Upsert

_WORD = re.compile(r"[^\W_]+")
_CACHE_KB = 32 * 1024


class Fts5:
    """A full-text table beside a table of what filters and sorts."""

    _TITLE_WEIGHT = 2.0
    _COLUMNS = ("listing", "city", "country", "region", "section", "category", "condition", "currency", "price")
    _ORDER = {
        Sort.RELEVANCE: f"bm25(f, {_TITLE_WEIGHT}, 1.0)",
        Sort.NEWEST: "l.posted_at DESC",
        Sort.PRICE_ASC: "l.price",
        Sort.PRICE_DESC: "l.price DESC",
    }

    def __init__(self, folder: Path) -> None:
        self._connection = sqlite3.connect(folder / "fts5.sqlite", isolation_level=None)
        self._connection.executescript(
            f"PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-{_CACHE_KB};"
            "PRAGMA mmap_size=2147483648;"
        )

    def build(self, documents: Iterable[Document]) -> None:
        self._connection.executescript(
            "CREATE VIRTUAL TABLE f USING fts5(title, body, tokenize='porter unicode61');"
            "CREATE TABLE l (listing INTEGER PRIMARY KEY, city INTEGER, country, region, section, category, condition,"
            " currency, price INTEGER, has_photo INTEGER, posted_at INTEGER);"
        )
        self._connection.execute("BEGIN")
        for document in documents:
            self._add(document)
        self._connection.execute("COMMIT")

    def search(self, request: SearchRequest, any_word: bool = False) -> list[int]:
        if not (words := _words(request.text)):
            return []
        asked = (" OR " if any_word else " AND ").join(f'"{word}"' for word in words)
        conditions, values = ["f MATCH ?"], [asked]
        for condition, value in _conditions(request):
            conditions.append(condition)
            values.append(value)
        start, stop = request.window
        # CROSS JOIN keeps SQLite from starting with the table of columns, which is many times slower.
        statement = (
            f"SELECT l.listing FROM f CROSS JOIN l ON l.listing = f.rowid WHERE {' AND '.join(conditions)}"
            f" ORDER BY {self._ORDER[request.sort]} LIMIT ? OFFSET ?"
        )
        return [row[0] for row in self._connection.execute(statement, [*values, stop - start, start])]

    def apply(self, changes: Sequence[Change]) -> None:
        self._connection.execute("BEGIN IMMEDIATE")
        for change in changes:
            listing = change.listing if isinstance(change, Delete) else change.document.listing
            self._connection.execute("DELETE FROM f WHERE rowid = ?", [listing])
            self._connection.execute("DELETE FROM l WHERE listing = ?", [listing])
            if isinstance(change, Upsert):
                self._add(change.document)
        self._connection.execute("COMMIT")

    def close(self) -> None:
        self._connection.close()

    def _add(self, each: Document) -> None:
        self._connection.execute(
            "INSERT INTO f (rowid, title, body) VALUES (?, ?, ?)", [each.listing, each.title, each.body]
        )
        row = [*(getattr(each, name) for name in self._COLUMNS), int(each.has_photo), each.posted_at]
        self._connection.execute("INSERT INTO l VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)


def _conditions(request: SearchRequest) -> Iterator[tuple[str, Any]]:
    for name in ("city", "country", "region", "section", "category", "condition"):
        if (value := getattr(request, name)) is not None:
            yield f"l.{name} = ?", value
    bounds = (("price >= ?", request.price_min), ("price <= ?", request.price_max), ("posted_at >= ?", request.since))
    yield from ((f"l.{condition}", value) for condition, value in bounds if value is not None)
    if request.has_photo:
        yield "l.has_photo = ?", 1


class Tantivy:
    """The Rust library in this process, through its Python wheel."""

    _TITLE_WEIGHT = 5.0
    _WORDS = ("country", "region", "section", "category", "condition")
    _NUMBERS = ("listing", "city", "price", "has_photo", "posted_at")
    _ORDER: dict[Sort, dict[str, Any]] = {
        Sort.RELEVANCE: {},
        Sort.NEWEST: {"order_by_field": "posted_at"},
        Sort.PRICE_ASC: {"order_by_field": "price", "order": tantivy.Order.Asc},
        Sort.PRICE_DESC: {"order_by_field": "price"},
    }

    def __init__(self, folder: Path) -> None:
        builder = tantivy.SchemaBuilder()
        for name in ("title", "body"):
            builder.add_text_field(name, tokenizer_name="en_stem")
        for name in self._WORDS:
            builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
        for name in self._NUMBERS:
            builder.add_integer_field(name, stored=name == "listing", indexed=True, fast=True)
        self._schema = builder.build()
        self._index = tantivy.Index(self._schema, path=str(folder))
        self._writer: tantivy.IndexWriter | None = None
        self._stale = True

    def build(self, documents: Iterable[Document]) -> None:
        writer = self._index.writer()
        for document in documents:
            writer.add_document(self._document(document))
        writer.commit()
        writer.wait_merging_threads()

    def search(self, request: SearchRequest, any_word: bool = False) -> list[int]:
        if self._stale:
            self._index.reload()
            self._searcher, self._stale = self._index.searcher(), False
        if not (words := _words(request.text)):
            return []
        query = self._index.parse_query(
            " ".join(f'"{word}"' for word in words),
            ["title", "body"],
            field_boosts={"title": self._TITLE_WEIGHT},
            conjunction_by_default=not any_word,
        )
        if filters := [
            (tantivy.Occur.Must, tantivy.Query.const_score_query(each, 0)) for each in self._filters(request)
        ]:
            query = tantivy.Query.boolean_query([(tantivy.Occur.Must, query), *filters])
        start, stop = request.window
        found = self._searcher.search(query, stop - start, offset=start, **self._ORDER[request.sort])
        return [self._searcher.doc(address)["listing"][0] for _, address in found.hits]

    def apply(self, changes: Sequence[Change]) -> None:
        # One writer for life: it costs threads to open, and merges go on behind it.
        self._writer = self._writer or self._index.writer()
        for change in changes:
            if isinstance(change, Delete):
                self._writer.delete_documents_by_term("listing", change.listing)
            else:
                self._writer.delete_documents_by_term("listing", change.document.listing)
                self._writer.add_document(self._document(change.document))
        self._writer.commit()
        self._stale = True

    def close(self) -> None:
        if self._writer is not None:
            self._writer.wait_merging_threads()

    def _document(self, each: Document) -> tantivy.Document:
        # A price to be asked for is below every bound, as the product has it.
        numbers = {name: int(getattr(each, name)) for name in self._NUMBERS if name != "price"}
        words = {name: getattr(each, name) for name in self._WORDS if getattr(each, name) is not None}
        price = -1 if each.price is None else each.price
        return tantivy.Document(title=each.title, body=each.body, price=price, **numbers, **words)

    def _filters(self, request: SearchRequest) -> Iterator[tantivy.Query]:
        for name in ("city", *self._WORDS):
            if (value := getattr(request, name)) is not None:
                yield tantivy.Query.term_query(self._schema, name, value)
        if request.has_photo:
            yield tantivy.Query.term_query(self._schema, "has_photo", 1)
        if (request.price_min, request.price_max) != (None, None):
            yield self._range("price", request.price_min or 0, request.price_max)
        if request.since is not None:
            yield self._range("posted_at", request.since, None)

    def _range(self, name: str, least: int, most: int | None) -> tantivy.Query:
        return tantivy.Query.range_query(self._schema, name, tantivy.FieldType.Integer, least, most)


def _words(text: str) -> list[str]:
    return list(dict.fromkeys(_WORD.findall(text.lower())))
