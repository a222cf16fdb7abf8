"""`python3 run.py search ...`: the search index looked at, compared with SQL, built anew; a question explained."""

import argparse
import sys
import time
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from shared.search import Document
    from shared.search.whoosh_index import WhooshIndex

HELP = "the search index: status, rebuild, verify, explain QUERY"
_EVERY = 1000


def arguments(parser: argparse.ArgumentParser) -> None:
    """The sub-commands."""
    words = parser.add_subparsers(dest="word", required=True)
    words.add_parser("status", help="whether it can be asked, its size, and how far behind SQL it is")
    words.add_parser("rebuild", help="build it anew from SQL while the old one goes on answering")
    verify = words.add_parser("verify", help="compare every listing with SQL; exit status 1 when they differ")
    verify.add_argument("--repair", action="store_true", help="bring the differences into the index")
    explain = words.add_parser("explain", help="how a question is read and what it finds")
    explain.add_argument("query", nargs="+")


def run(options: argparse.Namespace) -> int:
    """Do it on the installation that the settings name."""
    from jobs import boot
    from shared import places
    from shared.search.whoosh_index import WhooshIndex

    settings = boot.boot()
    places.load(settings.var / "cache")
    index = WhooshIndex(settings.var / "index")
    if options.word == "rebuild":
        return rebuild(index)
    if options.word == "verify":
        return _verify(index, repair=options.repair)
    if options.word == "explain":
        return _explain(index, " ".join(options.query))
    return _status(index)


def _status(index: "WhooshIndex") -> int:
    from shared.search.documents import feed_positions

    health = index.health()
    print(f"state      {'ok' if health.ok else health.reason}")
    print(f"index      {health.index or 'none'}")
    if health.ok:
        committed = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(health.committed_at or 0))
        print(f"documents  {health.documents:,} ({health.deleted:,} deleted ones not yet swept out)")
        print(f"on disk    {health.bytes / 1e6:,.1f} MB in {health.segments} segments")
        print(f"committed  {committed} UTC")
        behind = {shard: end - health.positions.get(shard, 0) for shard, end in feed_positions().items()}
        print("behind     " + ", ".join(f"{shard}: {count:,} events" for shard, count in sorted(behind.items())))
    return 0 if health.ok else 1


def rebuild(index: "WhooshIndex") -> int:
    """Build the index anew from SQL with progress; prints how many and how fast."""
    from shared.search.documents import all_documents, feed_positions

    positions = feed_positions()
    started = time.monotonic()
    count = index.rebuild(_counted(all_documents()), positions)
    seconds = max(time.monotonic() - started, 0.001)
    print(f"{count:,} listings indexed in {seconds:.1f} s, {count / seconds:,.0f} a second.")
    return 0


def _counted(documents: "Iterable[Document]") -> "Iterator[Document]":
    started, shows = time.monotonic(), sys.stderr.isatty()
    for count, document in enumerate(documents, 1):
        yield document
        if shows and count % _EVERY == 0:
            rate = count / max(time.monotonic() - started, 0.001)
            print(f"\r{count:,} listings, {rate:,.0f} a second", end="", file=sys.stderr, flush=True)
    if shows:
        print("\r\033[K", end="", file=sys.stderr, flush=True)


def _verify(index: "WhooshIndex", *, repair: bool) -> int:
    from shared.search.documents import all_documents, changes_of

    indexed = index.contents()
    missing, outdated, seen = [], [], 0
    for document in all_documents():
        seen += 1
        revision = indexed.pop(document.listing, None)
        if revision is None:
            missing.append(document.listing)
        elif revision != document.revision:
            outdated.append(document.listing)
    wrong = [*missing, *outdated, *indexed]
    print(f"{seen:,} listings: {len(missing):,} missing, {len(outdated):,} outdated, {len(indexed):,} too many.")
    if wrong and repair:
        for start in range(0, len(wrong), _EVERY):
            index.apply(changes_of(wrong[start : start + _EVERY]))
        print(f"{len(wrong):,} brought up to date.")
    return 1 if wrong and not repair else 0


def _explain(index: "WhooshIndex", text: str) -> int:
    from shared import ids
    from shared.listings.documents import search_document
    from shared.search import SearchRequest
    from shared.search.analyzer import clauses
    from shared.sharding import read

    for clause in clauses(text):
        print("wants   " + " or ".join("+".join(alternative) for alternative in clause))
    started = time.perf_counter()
    page = index.search(SearchRequest(text, limit=10))
    print(
        f"finds   {page.total:,} with {page.matched} of the words, in {(time.perf_counter() - started) * 1000:.1f} ms"
    )
    for hit in page.hits:
        with read(ids.owner_of(hit.listing)) as session:
            listing = search_document(session, hit.listing)
        print(f"        {ids.public(hit.listing)}  {listing.title if listing else '(not on view any more)'}")
    return 0
