"""Relevance on a small set of ads that were judged by hand: 0 is not it, 1 is near it, 2 would do, 3 is it.

Spellings, compounds, ordinals and word forms vary, and accessories lie beside the things they belong to.
"""

import random
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from statistics import fmean

import pytest

from benchmarks.search.engines import PRODUCT, engine
from benchmarks.search.listings import as_they_are, make_listings, read_judgements, read_texts
from benchmarks.search.metric import with_typo
from benchmarks.search.relevance import mean_ndcg, ranking

JUDGED = Path(__file__).parent / "judged"
TEXTS = read_texts(JUDGED / "ads.tsv")
JUDGEMENTS = read_judgements(JUDGED / "qrels.tsv")


@pytest.fixture(scope="module")
def quality(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], float]:
    """nDCG@10 of an engine on the judged ads."""

    def measured(name: str) -> float:
        named = as_they_are(TEXTS)
        with closing(engine(name, tmp_path_factory.mktemp("judged") / name)) as one:
            one.build(make_listings(named, 1))
            return mean_ndcg({query: ranking(one, name, query, named) for query in JUDGEMENTS}, JUDGEMENTS)

    return measured


def test_the_set_is_sound():
    keys = {text.key for text in TEXTS}
    for query, grades in JUDGEMENTS.items():
        assert grades.keys() <= keys, query
        assert set(grades.values()) <= {0, 1, 2, 3} and 3 in grades.values(), query
        assert 0 in grades.values(), f"{query}: nothing here is easily mistaken for it"


def test_the_ranking_is_well_above_that_of_full_text_search_in_sqlite(quality):
    ours, theirs = quality(PRODUCT), quality("fts5")
    assert ours >= 0.82
    assert ours >= 1.1 * theirs


def test_one_typo_in_each_query_costs_a_twentieth_at_most(tmp_path):
    named = as_they_are(TEXTS)
    with closing(engine(PRODUCT, tmp_path / PRODUCT)) as one:
        one.build(make_listings(named, 1))

        def measured(asked: Mapping[str, str]) -> float:
            return mean_ndcg({query: ranking(one, PRODUCT, asked[query], named) for query in JUDGEMENTS}, JUDGEMENTS)

        chance = random.Random(1)
        mistyped = [{query: with_typo(query, chance) for query in JUDGEMENTS} for _ in range(5)]
        assert fmean(map(measured, mistyped)) >= 0.95 * measured({query: query for query in JUDGEMENTS})


def test_the_set_can_tell_a_good_ranking_from_a_poor_one():
    shuffled = random.Random(1).sample([text.key for text in TEXTS], len(TEXTS))
    ideal = {query: sorted(grades, key=lambda key: -grades[key]) for query, grades in JUDGEMENTS.items()}
    assert mean_ndcg(ideal, JUDGEMENTS) == pytest.approx(1.0)
    assert mean_ndcg(dict.fromkeys(JUDGEMENTS, shuffled), JUDGEMENTS) < 0.1
