"""The analyser is total: any text has an analysis, and documents and questions agree on it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.search import analyzer
from shared.search.analyzer import MAX_CLAUSES, MAX_TERM, clauses, terms

WORDS = st.text(st.characters(codec="ascii", categories=["Ll", "Lu", "Nd"]), min_size=1, max_size=12)
LETTERS = st.text("bcdfghjkmnpqrstuvwxz", min_size=2, max_size=8)
# What people type: words, hyphens, punctuation, other scripts, and whatever else there is.
TEXTS = st.one_of(
    st.text(max_size=400),
    st.lists(st.one_of(WORDS, st.sampled_from(list("-./&'*?\"[]()~^:"))), max_size=60).map(" ".join),
)


def satisfied(question: str, text: str) -> bool:
    found = set(terms(text))
    return all(any(found.issuperset(alternative) for alternative in clause) for clause in clauses(question))


@given(TEXTS)
def test_any_text_has_an_analysis_of_bounded_size(text):
    wanted = clauses(text)
    assert len(wanted) <= MAX_CLAUSES
    assert all(term and len(term) <= MAX_TERM for clause in wanted for alternative in clause for term in alternative)
    assert all(term and len(term) <= MAX_TERM for term in terms(text))
    assert all(clause and all(clause) for clause in wanted)


@given(TEXTS)
def test_a_text_satisfies_itself_as_a_question(text):
    assert satisfied(text[:200], text[:200])


@given(TEXTS)
def test_case_does_not_matter(text):
    if text.isascii():
        assert terms(text.upper()) == terms(text.lower())


@given(st.lists(LETTERS, min_size=2, max_size=3))
def test_a_hyphenated_question_is_satisfied_by_the_words_apart_and_joined(words):
    assert satisfied("-".join(words), " ".join(words))
    assert len(clauses("-".join(words))) != 1 or satisfied("-".join(words), "".join(words))


def test_ten_thousand_characters_are_no_more_than_two_hundred():
    assert clauses("sofa " * 2_000) == clauses("sofa")
    assert len(clauses(" ".join(f"w{at}" for at in range(2_500)))) == MAX_CLAUSES


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2nd-hand", [(("secondhand",),)]),
        ("blu-ray", [(("blurai",), ("blu", "rai"))]),
        ("64gb", [(("64gb",), ("64", "gb"))]),
        ("the", []),
        ("men's", [(("men",),)]),
        ("don't", [(("dont",),)]),
        ("a-b-c-d", [(("b",),), (("c",),), (("d",),)]),
        ("sofa sofas SOFA", [(("sofa",),)]),
        ("second-hand-tv", [(("secondhand",),), (("tv",),)]),
        ("tv second", [(("tv",),), (("second",),)]),
    ],
)
def test_clauses(text, expected):
    assert clauses(text) == expected


@pytest.mark.parametrize("pair", [f"{a} {b}" for a, b in analyzer.language.COMPOUNDS])
def test_every_compound_is_one_word_however_it_is_written(pair):
    for text in (pair, pair.replace(" ", "-"), pair.replace(" ", "")):
        for question in (pair, pair.replace(" ", "-"), pair.replace(" ", "")):
            assert satisfied(question, text), (question, text)
            assert len(clauses(question)) == 1
