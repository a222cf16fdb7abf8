"""Relevance: every engine over the same judged documents, as asked and with one keystroke wrong in each query."""

import random
import statistics
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path

from benchmarks.search.engines import ENGINES, PEERS, PRODUCT, Engine, engine
from benchmarks.search.listings import Text, as_they_are, make_listings
from benchmarks.search.metric import Grades, judged_only, ndcg, with_typo
from shared.search import MAX_LIMIT, SearchRequest

Figures = dict[str, float]
Judgements = Mapping[str, Grades]


def measure(texts: Sequence[Text], judgements: Judgements, folder: Path, seed: int) -> Figures:
    """nDCG@10 of each engine: `ndcg10` is the product's, `ndcg10_fts5` and `ndcg10_tantivy` are the peers'.

    `_typo` is for the queries with a typo, `_judged` for rankings without what nobody judged.
    """
    named = as_they_are(texts)
    documents = make_listings(named, seed)
    chance = random.Random(f"typos-{seed}")
    mistyped = {query: with_typo(query, chance) for query in sorted(judgements)}
    figures: Figures = {"documents": len(texts), "queries": len(judgements)}
    for name in ENGINES:
        suffix = "" if name == PRODUCT else f"_{name}"
        with closing(engine(name, folder / name)) as one:
            one.build(documents)
            clean = {query: ranking(one, name, query, named) for query in judgements}
            wrong = {query: ranking(one, name, mistyped[query], named) for query in judgements}
        only = {query: judged_only(found, judgements[query]) for query, found in clean.items()}
        for kind, rankings in (("", clean), ("_typo", wrong), ("_judged", only)):
            figures[f"ndcg10{kind}{suffix}"] = mean_ndcg(rankings, judgements)
        figures[f"ndcg10_typo_kept{suffix}"] = _share(figures[f"ndcg10_typo{suffix}"], figures[f"ndcg10{suffix}"])
    for peer in PEERS:
        for kind in ("", "_typo", "_judged"):
            figures[f"ndcg10{kind}_ratio_{peer}"] = _share(figures[f"ndcg10{kind}"], figures[f"ndcg10{kind}_{peer}"])
    return figures


def mean_ndcg(rankings: Mapping[str, Sequence[str]], judgements: Judgements) -> float:
    """The mean over the queries that have one; the lowest grade given anywhere is the scale's lowest."""
    lowest = min(grade for grades in judgements.values() for grade in grades.values())
    found = (ndcg(rankings[query], grades, lowest) for query, grades in judgements.items())
    return statistics.fmean(value for value in found if value is not None)


def ranking(one: Engine, name: str, query: str, named: Mapping[int, Text]) -> list[str]:
    """The keys of what an engine finds, best first.

    The peers are judged by any of the words, which serves them better than all; the product decides for itself.
    """
    found = one.search(SearchRequest(query, limit=MAX_LIMIT), any_word=name != PRODUCT)
    return [named[listing].key for listing in found]


def _share(one: float, other: float) -> float:
    return one / other if other else float("inf")
