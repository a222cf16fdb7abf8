"""What is counted of the words of listings, and that counting has bounds."""

from itertools import product

import pytest

from shared.search import vocabulary, words
from shared.search.analyzer import Analyzer
from shared.search.vocabulary import Completions, Counting

LETTERS = "bcdfghjklm"
ANALYZER = Analyzer(words.shipped())


@pytest.fixture
def few_pairs(monkeypatch):
    monkeypatch.setattr(vocabulary, "_MAX_PAIRS", 40)


def counted(*titles):
    counting = Counting(ANALYZER)
    for title in titles:
        counting.add(ANALYZER.words(title), [])
    return counting


@pytest.mark.usefixtures("few_pairs")
@pytest.mark.parametrize("times", [1, 2, 3])
def test_pairs_of_words_are_forgotten_by_halves_however_often_each_occurs(times):
    counting, copies, pairs = Counting(ANALYZER), 0, None
    for first, second in product(LETTERS, LETTERS):
        for _ in range(times):
            counting.add(ANALYZER.words(f"ox{first} ox{second}"), [])
            copies += counting._pairs is not pairs
            pairs = counting._pairs
            assert len(pairs) <= 40
    assert 1 < copies <= 1 + 100 / 20


@pytest.mark.usefixtures("few_pairs")
def test_a_frequent_pair_is_kept_when_rare_ones_are_forgotten(tmp_path):
    rare = [f"ox{first} ox{second}" for first, second in product(LETTERS, LETTERS)]
    counted(*["mountain bike"] * 9, *rare, *rare).save(tmp_path)
    assert Completions(tmp_path).of("mountain ", 9) == ["mountain bike"]
