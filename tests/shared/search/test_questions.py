"""What a question is read as, and that nothing anybody types makes it long."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.search import SearchRequest, query, words
from shared.search.analyzer import MAX_CLAUSES, MAX_TEXT, Analyzer
from shared.search.query import Kind
from shared.search.spelling import MAX_CANDIDATES, MAX_COMBINATIONS
from shared.search.whoosh_index import WhooshIndex
from tests.factories.search import document

ANALYZER = Analyzer(words.shipped())
NOUNS = ["sofa", "lamp", "bicycle", "television", "chair", "table", "phone", "bathroom", "mountain", "kitchen"]
PIECES = st.lists(st.sampled_from([*NOUNS, '"', "“", "-", " ", '-"', "second-hand", "64gb", "the", "*", "\u200b", "½"]))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("red sofa", [(Kind.PLAIN, "red sofa")]),
        ('a "b c" d', [(Kind.PLAIN, "a "), (Kind.PHRASE, "b c"), (Kind.PLAIN, " d")]),
        ('"b" -c -"d e"', [(Kind.PHRASE, "b"), (Kind.EXCLUDED, "c"), (Kind.EXCLUDED, "d e")]),
        ("second-hand -new", [(Kind.PLAIN, "second-hand "), (Kind.EXCLUDED, "new")]),
        ("a - b", [(Kind.PLAIN, "a - b")]),
        ("--a", [(Kind.PLAIN, "--a")]),
        ('55" tv 32"', [(Kind.PLAIN, '55" tv 32"')]),
        ('"open', [(Kind.PLAIN, '"open')]),
        ('""', [(Kind.PLAIN, '""')]),
        ('-"', [(Kind.PLAIN, '-"')]),
        ("", []),
    ],
)
def test_the_parts_of_a_question(text, expected):
    assert [(part.kind, part.text) for part in query.parts(text)] == expected


@given(st.one_of(st.text(max_size=400), PIECES.map("".join)))
def test_any_question_is_read_into_bounded_parts_that_lie_where_they_say(text):
    text = query.shortened(text)
    assert len(text) <= MAX_TEXT and query.shortened(text) == text
    asked = query.read(text, ANALYZER)
    assert len(asked.clauses) <= MAX_CLAUSES
    assert len(asked.wanted) <= MAX_CLAUSES
    for part in query.parts(text):
        assert text[part.start : part.start + len(part.text)] == part.text


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    index = WhooshIndex(tmp_path_factory.mktemp("filled") / "index")
    chance = random.Random(2)
    texts = (" ".join(chance.choices(NOUNS, k=8)) for _ in range(300))
    index.rebuild((document(at, text[:40], body=text) for at, text in enumerate(texts, 1)), {})
    return index


HOSTILE = [
    "x" * 10_000,
    " ".join(f"{noun}x" for noun in NOUNS) * 50,
    "mountian " * 1_000,
    '"' * 10_000,
    '"sofa lamp" ' * 1_000,
    "-sofa " * 1_000,
    "a-b-" * 1_000,
    "*e* ?? [a TO z] (((",
    "'; DROP TABLE listing; --",
    "\u202e\u200b\u2066sofa\u2069",
    "e" + "\u0301" * 5_000,
    "ﷺ" * 5_000,
    "\x00" * 500,
    "🚲" * 5_000,
    "1234567890" * 1_000,
]


@pytest.mark.parametrize("text", HOSTILE)
def test_the_work_for_a_question_has_an_end(filled, text):
    told = filled.explain(text)
    assert sum(len(slip.candidates) for slip in told.correction.slips) <= MAX_CANDIDATES * MAX_TEXT
    assert len(told.correction.readings) <= MAX_COMBINATIONS
    assert len(told.query.clauses) <= MAX_CLAUSES
    assert len(told.query.phrases) + len(told.query.excluded) <= query.MAX_PATTERNS
    page = filled.search(SearchRequest(text))
    assert len(page.hits) == min(page.total, 50)


@given(PIECES.map("".join))
def test_a_correction_leaves_the_rest_of_a_question_as_it_was(filled, text):
    page = filled.search(SearchRequest(text))
    if page.corrected is not None:
        quoted = [part.text for part in query.parts(query.shortened(text)) if part.kind is not Kind.PLAIN]
        assert all(part in page.corrected for part in quoted)


def test_a_size_in_inches_is_no_quote(filled):
    assert filled.search(SearchRequest('12" chair')).missing == ("12",)


@pytest.mark.parametrize("kept", [*range(5, 60, 5)])
def test_numbers_and_model_codes_are_never_put_right(filled, kept):
    assert filled.search(SearchRequest(f"sofa {kept}0 rtx{kept}")).corrected is None
