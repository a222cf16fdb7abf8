"""`python3 run.py search ...`: the search index looked at, compared with SQL, built anew; a question explained; the
words it is made with.
"""

import argparse
import os
import sys
import time
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from shared.search import Document
    from shared.search.query import Pattern
    from shared.search.repair import Queue
    from shared.search.spelling import Correction
    from shared.search.whoosh_index import WhooshIndex
    from shared.search.words import WordsFile

HELP = "the search index: status, rebuild, verify, explain QUERY, words"
_WAIT_SECONDS = 0.5
_EVERY = 1000


def arguments(parser: argparse.ArgumentParser) -> None:
    """The sub-commands."""
    words = parser.add_subparsers(dest="word", required=True)
    words.add_parser("status", help="whether it can be asked, its size, and how far behind SQL it is")
    words.add_parser("rebuild", help="build it anew from SQL while the old one goes on answering")
    verify = words.add_parser("verify", help="compare every listing with SQL; exit status 1 when they differ")
    verify.add_argument("--repair", action="store_true", help="have the indexer look at the differences")
    explain = words.add_parser("explain", help="how a question is read and what it finds")
    explain.add_argument("query", nargs="+")
    lists = words.add_parser("words", help="the synonyms and compounds that the search is made with")
    _word_arguments(lists.add_subparsers(dest="verb", required=True))


def _word_arguments(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    listing = verbs.add_parser("list", help="all of them, or those with a word; + and - mark what differs from ours")
    listing.add_argument("words", nargs="*", metavar="WORD")
    for verb, text in (
        ("add-synonym", "words that find one another: add-synonym sofa couch 'day bed'"),
        ("remove-synonym", "take words out of their group: remove-synonym couch"),
        ("add-compound", "two words that are also written as one: add-compound rain barrel"),
        ("remove-compound", "let them be two words again: remove-compound rain barrel"),
    ):
        verbs.add_parser(verb, help=text).add_argument("words", nargs="+", metavar="WORD")
    verbs.add_parser("reset", help="forget every change made here")


def run(options: argparse.Namespace) -> int:
    """Do it on the installation that the settings name."""
    from jobs import boot
    from shared import places
    from shared.config import Settings
    from shared.search import words_path
    from shared.search.repair import Queue
    from shared.search.whoosh_index import WhooshIndex
    from shared.search.words import WordsFile

    if options.word == "words":
        return _words(words_path(Settings.from_environment(os.environ)), options.verb, getattr(options, "words", []))
    settings = boot.boot()
    places.load(settings.var / "cache")
    index = WhooshIndex(settings.var / "index", words_path(settings))
    if options.word == "rebuild":
        WordsFile(words_path(settings)).words()  # whoever edited them is there to read what is wrong with them
        return rebuild(index)
    if options.word == "verify":
        return _verify(index, Queue(settings.var / "index") if options.repair else None)
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
    """Build the index anew from SQL with progress, after any rebuild that is running; prints how many and how fast."""
    from shared.search import IndexBusy, repair

    waiting = False
    while True:
        started = time.monotonic()
        try:
            count = repair.rebuild(index, _counted)
            break
        except IndexBusy:
            if not waiting:
                print("Another rebuild is running; this one comes after it.", flush=True)
            waiting = True
            time.sleep(_WAIT_SECONDS)
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


def _verify(index: "WhooshIndex", queue: "Queue | None") -> int:
    from shared.search import repair

    tally = repair.count(repair.compare(index), queue)
    print(f"{tally}.")
    if tally.differing and queue is not None:
        print(f"The indexer looks at these {tally.differing:,} again within seconds, once it runs.")
    return 1 if tally.differing and queue is None else 0


def _explain(index: "WhooshIndex", text: str) -> int:
    from shared import ids
    from shared.listings.documents import search_document
    from shared.search import SearchRequest
    from shared.sharding import read

    told = index.explain(text)
    for wanted, having in told.wanted:
        ways = (" + ".join(way.terms) + f" (x {way.weight:.2g})" * (way.weight != 1) for way in wanted.clause)
        print(f"wants   {', or '.join(ways)}  [{wanted.typed}: {having:,} listings]")
    for phrase in told.query.phrases:
        print(f"must    {_pattern(phrase)}")
    for pattern in told.query.excluded:
        print(f"not     {_pattern(pattern)}")
    _explain_spelling(told.correction)
    started = time.perf_counter()
    page = index.search(SearchRequest(text, limit=10))
    milliseconds = (time.perf_counter() - started) * 1000
    if page.corrected:
        print(f"instead {page.corrected}")
    if page.missing:
        print(f"nowhere {', '.join(page.missing)}")
    print(f"finds   {page.total:,} with {page.matched} of the words, in {milliseconds:.1f} ms")
    for hit in page.hits:
        with read(ids.owner_of(hit.listing)) as session:
            listing = search_document(session, hit.listing)
        print(f"        {ids.public(hit.listing)}  {listing.title if listing else '(not on view any more)'}")
    return 0


def _pattern(pattern: "Pattern") -> str:
    together = ", or ".join(" ".join(terms) for terms in pattern.sequences)
    return together or " + ".join(clause[0].terms[0] for clause in pattern.clauses)


def _explain_spelling(correction: "Correction") -> None:
    for slip in correction.slips:
        candidates = ", ".join(f"{each.text} {each.score:.1f}" for each in slip.candidates)
        print(f"slip    {slip.typed}: {candidates}")
    for reading in correction.readings[:4]:
        print(f"reading {reading.text}  score {reading.score:.1f}, listings weigh {reading.weight:,.0f}")


def _words(path: "Path", verb: str, words: list[str]) -> int:
    """Show or change the operator's words. A word that the list cannot hold ends with a sentence."""
    from shared.search import InvalidWords
    from shared.search.words import WordsFile

    kept = WordsFile(path)
    try:
        if verb == "list":
            _list(kept, words)
            return 0
        _edit(kept, verb, words)
    except InvalidWords as error:
        print(error.message, file=sys.stderr)
        return 1
    print("It takes effect with: python3 run.py search rebuild")
    return 0


def _list(kept: "WordsFile", words: list[str]) -> None:
    edits, present = kept.edits(), kept.words()
    rows = [(" = ".join(group), group in edits.added_synonyms) for group in present.synonyms]
    rows += [(f"{pair}, {pair.replace(' ', '')}", pair in edits.added_compounds) for pair in present.compounds]
    for row, added in rows:
        if all(word.casefold() in row for word in words):
            print(f"{'+' if added else ' '} {row}")
    for gone in (*map(" = ".join, edits.removed_synonyms), *edits.removed_compounds):
        print(f"- {gone}")


def _edit(kept: "WordsFile", verb: str, words: list[str]) -> None:
    if verb == "add-synonym":
        print(" = ".join(kept.add_synonym(words)))
    elif verb == "add-compound":
        print(kept.add_compound(words))
    elif verb == "remove-synonym":
        for group in kept.remove_synonym(words):
            print(f"was {' = '.join(group)}")
    elif verb == "remove-compound":
        print(f"was {kept.remove_compound(words)}")
    else:
        kept.reset()
        print("All changes are forgotten.")
