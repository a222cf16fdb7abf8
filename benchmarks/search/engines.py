"""The product and its peers behind one face: each takes the product's documents and requests."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from shared.config import Settings
from shared.search import Change, Document, SearchRequest, open_index

PRODUCT, PEERS = "steveslist", ("fts5", "tantivy")
ENGINES = (PRODUCT, *PEERS)
# The port promises that a reader sees another process's commit within a second.
SEEN_SECONDS = 1.05
# Nobody wrote it, and nothing that anybody wrote is near it.
_UNHEARD = "zzqxvwkjq"


class Engine(Protocol):
    """A search engine with its files in a folder of its own; opens what is there."""

    def build(self, documents: Iterable[Document]) -> None:
        """Index these and nothing else."""

    def search(self, request: SearchRequest, any_word: bool = False) -> list[int]:
        """The listings on the page asked for. The peers want all words, or any with `any_word`."""

    def apply(self, changes: Sequence[Change]) -> None:
        """Commit these changes. The next search may be the one that pays for seeing them."""

    def close(self) -> None:
        """Let go of the files."""


class Product:
    """This site's own index: its analyser, its writer, its query path, reader and writer apart as in production."""

    def __init__(self, folder: Path) -> None:
        secrets = {f"STEVESLIST_{name}": "only measured, never served, 32+" for name in ("SECRET_KEY", "ID_KEY")}
        settings = Settings.from_environment({**secrets, "STEVESLIST_VAR": str(folder)})
        self._reader, self._writer = open_index(settings), open_index(settings)

    def build(self, documents: Iterable[Document]) -> None:
        self._writer.rebuild(documents, {})

    def search(self, request: SearchRequest, any_word: bool = False) -> list[int]:
        if any_word:
            # The product turns to any of the words when it finds too little with all of them.
            request = replace(request, text=f"{request.text} {_UNHEARD}")
        return [hit.listing for hit in self._reader.search(request).hits]

    def apply(self, changes: Sequence[Change]) -> None:
        self._writer.apply(changes)

    def close(self) -> None:
        """The index closes what it holds with its last user."""


def until_seen() -> None:
    """Wait until every reader may look for a commit."""
    time.sleep(SEEN_SECONDS)


def engine(name: str, folder: Path) -> Engine:
    """One of ENGINES, with its files in `folder`."""
    folder.mkdir(exist_ok=True)
    if name == PRODUCT:
        return Product(folder)
    from benchmarks.search import peers  # not before now: what an engine loads is part of its memory

    return peers.Fts5(folder) if name == "fts5" else peers.Tantivy(folder)


def size(folder: Path) -> int:
    """Bytes of the files of an engine."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
