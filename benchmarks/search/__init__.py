"""Search beside SQLite FTS5 and tantivy: relevance on judged documents, speed and cost on as many listings as wanted.

Everything goes through the product's own port, so analysis, index and ranking are those of the site.
"""

import argparse
import json
import random
import sys
import tempfile
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from benchmarks import report

_NEEDED = (
    "Relevance needs judged documents: --docs FILE (.jsonl with id, title and body, or .tsv with id and title) and "
    "--qrels FILE.tsv (query, document id, grade); without them only speed is measured."
)
_TEXTS = 1_000


def main(argv: list[str]) -> int:
    """Measure and print; the exit status says whether every budget was met. Without --json the page gets a section."""
    options = _options(argv)
    from benchmarks.search import verdicts  # numpy and the engines, which --help does not need

    figures: dict[str, Any] = {}
    parts, judged = [], []
    with tempfile.TemporaryDirectory(prefix="bench-search-") as home:
        if options.docs:
            figures |= _relevance(options, Path(home))
            parts.append(verdicts.tables_of_relevance(figures, options.docs.name))
            judged += verdicts.of_relevance(figures)
        else:
            _say(_NEEDED)
        sizes = [_speed(options, wanted, Path(home)) for wanted in options.documents]
    parts += [verdicts.tables_of_speed(each, _load_name(options)) for each in sizes]
    judged += [verdict for each in sizes for verdict in verdicts.of_speed(each)]
    if options.json:
        print(json.dumps(_flat(figures, sizes, judged), indent=1))
    else:
        text = "\n\n".join([*parts, verdicts.lines(judged)])
        print(text)
        report.write("search", text)
    return 0 if all(verdict.met for verdict in judged) else 1


def _options(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench search", description=__doc__)
    parser.add_argument("--docs", type=Path, help="judged documents: .jsonl (id, title, body) or .tsv (id, title)")
    parser.add_argument("--qrels", type=Path, help="judgements: .tsv (query, document id, grade)")
    parser.add_argument("--load", type=Path, help="texts for measuring speed; by default --docs, else the demo's")
    parser.add_argument(
        "--documents",
        type=int,
        nargs="*",
        default=[100_000],
        help="listings to measure speed with; none: relevance alone",
    )
    parser.add_argument("--questions", type=int, default=3_000, help="questions of one mix")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true", help="print one JSON object and leave docs/ alone")
    options = parser.parse_args(argv)
    if (options.docs is None) != (options.qrels is None):
        parser.error(_NEEDED)
    return options


def _relevance(options: argparse.Namespace, home: Path) -> dict[str, Any]:
    from benchmarks.search import listings, metric, relevance

    _say(f"relevance: {options.docs.name}")
    folder = home / "judged"
    folder.mkdir()
    texts, judgements = listings.read_texts(options.docs), listings.read_judgements(options.qrels)
    return {"formula": metric.FORMULA, **relevance.measure(texts, judgements, folder, options.seed)}


def _speed(options: argparse.Namespace, wanted: int, home: Path) -> dict[str, Any]:
    from benchmarks.search import listings, speed

    source = options.load or options.docs
    if source is None:
        texts = list(islice(listings.demo_texts(options.seed), wanted))
    else:
        texts = listings.grown(listings.read_texts(source), wanted, options.seed)
    documents = listings.make_listings(listings.as_they_are(texts), options.seed)
    folder = home / f"speed-{wanted}"
    folder.mkdir()
    return speed.measure(
        documents,
        _asked_for(options, [document.title for document in documents]),
        folder,
        rounds=options.rounds,
        asked=options.questions,
        seed=options.seed,
        say=_say,
    )


def _asked_for(options: argparse.Namespace, titles: Sequence[str]) -> list[str]:
    """What people ask for: the judged queries where the listings are the judged documents, phrases of titles else."""
    from benchmarks.search import listings

    chance = random.Random(f"texts-{options.seed}")
    own = options.docs and options.load in (None, options.docs)
    queries = sorted(listings.read_judgements(options.qrels)) if own else []
    queries = chance.sample(queries, min(_TEXTS, len(queries)))
    return [*queries, *listings.phrases(titles, _TEXTS - len(queries), chance)]


def _load_name(options: argparse.Namespace) -> str:
    source = options.load or options.docs
    return source.name if source else "the demo's texts"


def _flat(figures: dict[str, Any], sizes: list[dict[str, Any]], judged: Sequence[Any]) -> dict[str, Any]:
    """One object: relevance, speed at the first size, all sizes, and the budgets."""
    budgets = [{**verdict._asdict(), "met": verdict.met} for verdict in judged]
    first = sizes[0] if sizes else {}
    by_size = {str(each["listings"]): each for each in sizes}
    return {**figures, **first, "sizes": by_size, "budgets": budgets, "machine": report.machine()}


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
