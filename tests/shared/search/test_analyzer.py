"""The analyser is total: any text has an analysis, and documents and questions agree on it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.search import words
from shared.search.analyzer import MAX_CLAUSES, MAX_TERM, Alternative, Analyzer
from shared.search.folding import fold, readable
from shared.search.words import Words

ANALYZER = Analyzer(words.shipped())
WORDS = st.text(st.characters(codec="ascii", categories=["Ll", "Lu", "Nd"]), min_size=1, max_size=12)
LETTERS = st.text("bcdfghjkmnpqrstuvwxz", min_size=2, max_size=8)
# What people type: words, hyphens, punctuation, other scripts, and whatever else there is.
TEXTS = st.one_of(
    st.text(max_size=400),
    st.lists(st.one_of(WORDS, st.sampled_from(list("-./&'*?\"[]()~^:"))), max_size=60).map(" ".join),
)


def terms(text, analyzer=ANALYZER):
    return analyzer.terms(analyzer.words(text))


def clauses(text, analyzer=ANALYZER):
    return [each.clause for each in analyzer.wanted(text)]


def satisfied(question: str, text: str, analyzer=ANALYZER) -> bool:
    found = set(terms(text, analyzer))
    return all(any(found.issuperset(way.terms) for way in clause) for clause in clauses(question, analyzer))


@given(TEXTS)
def test_any_text_has_an_analysis_of_bounded_size(text):
    wanted = clauses(text)
    assert len(wanted) <= MAX_CLAUSES
    assert all(term and len(term) <= MAX_TERM for clause in wanted for way in clause for term in way.terms)
    assert all(term and len(term) <= MAX_TERM for term in terms(text))
    assert all(clause and all(way.terms for way in clause) for clause in wanted)
    assert len(ANALYZER.sequences(text)) <= 4


@given(TEXTS)
def test_a_text_satisfies_itself_as_a_question(text):
    assert satisfied(text[:200], text[:200])


@given(TEXTS)
def test_a_text_stands_in_itself_as_a_phrase(text):
    text = text[:200]
    whole = tuple(term for word in ANALYZER.words(text) for term in word.sequence)
    assert whole in ANALYZER.sequences(text) or not whole


@given(st.text(max_size=11))  # a letter may become eighteen
def test_tidying_a_question_changes_none_of_its_words(text):
    assert clauses(readable(text)) == clauses(text)
    assert readable(readable(text)) == readable(text)


@given(TEXTS)
def test_folding_again_changes_nothing(text):
    assert fold(fold(text)) == fold(text)


@given(TEXTS)
def test_case_does_not_matter(text):
    if text.isascii():
        assert terms(text.upper()) == terms(text.lower())


@given(st.lists(LETTERS, min_size=2, max_size=3))
def test_a_hyphenated_question_is_satisfied_by_the_words_apart_and_joined(parts):
    assert satisfied("-".join(parts), " ".join(parts))
    assert len(clauses("-".join(parts))) != 1 or satisfied("-".join(parts), "".join(parts))


def test_ten_thousand_characters_are_no_more_than_two_hundred():
    assert clauses("sofa " * 2_000) == clauses("sofa")
    assert len(clauses(" ".join(f"w{at}" for at in range(2_500)))) == MAX_CLAUSES


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2nd-hand", [[("secondhand",)]]),
        ("2ndhand", [[("secondhand",)]]),
        ("hi-res", [[("hire",), ("hi", "re")]]),
        ("64gb", [[("64gb",), ("64", "gb")]]),
        ("rtx3080", [[("rtx3080",), ("rtx", "3080")]]),
        ("1/2", [[("1",)], [("2",)]]),
        ("the", []),
        ("men's", [[("men",)]]),
        ("don't", [[("dont",)]]),
        ("a-b-c-d", [[("b",)], [("c",)], [("d",)]]),
        ("lamp lamps LAMP", [[("lamp",)]]),
        ("second-hand-drum", [[("secondhand",)], [("drum",)]]),
        ("drum second", [[("drum",)], [("second",)]]),
    ],
)
def test_clauses(text, expected):
    assert [[way.terms for way in clause] for clause in clauses(text)] == expected


@pytest.mark.parametrize("pair", words.shipped().compounds)
def test_every_compound_is_one_word_however_it_is_written(pair):
    for text in (pair, pair.replace(" ", "-"), pair.replace(" ", "")):
        for question in (pair, pair.replace(" ", "-"), pair.replace(" ", "")):
            assert satisfied(question, text), (question, text)
            assert len(clauses(question)) == 1


def test_words_are_remembered_but_not_chains_that_a_text_of_any_length_may_be():
    analyzer = Analyzer(words.shipped())
    assert analyzer.words("second-hand")[0] is analyzer.words("second-hand")[0]
    chain = "-".join(["ab"] * 30)
    assert analyzer.words(chain)[0] is not analyzer.words(chain)[0]


@pytest.mark.parametrize("group", words.shipped().synonyms)
def test_every_synonym_finds_the_others(group):
    for question in group:
        for text in group:
            assert satisfied(question, text), (question, text)


def of(*synonyms):
    """An analyser that knows these synonyms and nothing else."""
    return Analyzer(Words(frozenset(), {}, (), synonyms))


def test_a_synonym_weighs_less_than_the_word_itself():
    assert clauses("sofa", of(("sofa", "couch"))) == [(Alternative(("sofa",)), Alternative(("couch",), 0.8))]


def test_the_words_of_a_synonym_of_several_words_count_one_by_one():
    analyzer = of(("mobile phone", "handset"))
    mobile, phone = clauses("mobile phone", analyzer)
    assert mobile[0].terms == ("mobil",) and phone[0].terms == ("phone",)
    assert mobile[1] == phone[1] == Alternative(("handset",), 0.4)
    assert clauses("handset", analyzer)[0][1] == Alternative(("mobil", "phone"), 0.8)
    assert len(clauses("phone", analyzer)[0]) == 1


def test_what_is_quoted_has_no_synonyms():
    assert all(len(each.clause) == 1 for each in ANALYZER.wanted("sofa", synonyms=False))
