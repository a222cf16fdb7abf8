"""The figure that engines are judged by, worked out by hand, and the typos that queries are given."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.search.metric import judged_only, ndcg, with_typo
from benchmarks.search.relevance import mean_ndcg
from benchmarks.search.speed import percentile

GRADES = {"good": 3.0, "fair": 2.0, "poor": 1.0}
WORDS = st.lists(st.text("abcdefgh", min_size=4, max_size=9), min_size=1, max_size=4).map(" ".join)


@pytest.mark.parametrize(
    ("ranking", "expected"),
    [
        # Gains are 2, 1, 0; the best there can be is 2/log2(2) + 1/log2(3) = 2.6309.
        (["good", "fair", "poor"], 1.0),
        (["fair", "good"], (1 + 2 / 1.5849625) / 2.6309298),
        (["good"], 2 / 2.6309298),
        (["fair", "unjudged", "good"], (1 + 2 / 2) / 2.6309298),
        (["poor", "unjudged"], 0.0),
        ([], 0.0),
    ],
)
def test_ndcg_is_what_a_pencil_says(ranking, expected):
    assert ndcg(ranking, GRADES, 1.0) == pytest.approx(expected, abs=1e-6)


def test_ranks_past_ten_do_not_count_for_the_ranking_nor_for_the_ideal():
    grades = {f"d{at}": 1.0 for at in range(12)} | {"bad": 0.0}
    assert ndcg([f"d{at}" for at in range(10)], grades, 0.0) == pytest.approx(1.0)
    assert ndcg(["x"] * 10 + ["d1"], grades, 0.0) == 0.0


def test_a_query_for_which_nothing_is_good_has_no_figure_and_stays_out_of_the_mean():
    assert ndcg(["poor"], {"poor": 1.0}, 1.0) is None
    assert mean_ndcg({"a": ["good"], "b": ["poor"]}, {"a": {"good": 3.0}, "b": {"poor": 1.0}}) == 1.0


def test_the_lowest_grade_of_all_queries_is_worth_nothing():
    judgements = {"a": {"good": 3.0, "fair": 2.0}, "b": {"good": 3.0, "poor": 1.0}}
    # For "a": gain 1 of an ideal 2 + 1/log2(3).
    assert mean_ndcg({"a": ["fair"], "b": ["good"]}, judgements) == pytest.approx((1 / 2.6309298 + 1) / 2, abs=1e-6)


def test_what_nobody_judged_can_be_left_out():
    assert judged_only(["x", "good", "y", "poor"], GRADES) == ["good", "poor"]


@given(WORDS, st.integers())
def test_a_typo_is_one_keystroke_in_one_word_and_never_the_first_letter(text, seed):
    wrong = with_typo(text, random.Random(seed))
    changed = [(a, b) for a, b in zip(text.split(), wrong.split(), strict=True) if a != b]
    assert len(changed) == 1
    right, mistyped = changed[0]
    assert mistyped in keystrokes(right)
    assert mistyped[0] == right[0]


def keystrokes(word: str) -> set[str]:
    """Every word that is one missing, additional, other or swapped letter away."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    halves = [(word[:at], word[at:]) for at in range(len(word) + 1)]
    return {
        *(a + b[1:] for a, b in halves if b),
        *(a + letter + b for a, b in halves for letter in letters),
        *(a + letter + b[1:] for a, b in halves if b for letter in letters),
        *(a + b[1] + b[0] + b[2:] for a, b in halves if len(b) > 1),
    }


@pytest.mark.parametrize("text", ["tv", "t-shirts 64gb", "", "13 xl"])
def test_short_words_numbers_and_codes_are_typed_right(text):
    assert with_typo(text, random.Random(1)) == text


def test_a_percentile_is_the_nearest_rank():
    assert [percentile(range(1, 101), share) for share in (0.5, 0.95, 0.99, 1.0)] == [50, 95, 99, 100]
    assert percentile([7.0], 0.95) == 7.0
