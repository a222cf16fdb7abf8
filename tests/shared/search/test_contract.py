"""What any engine behind the port must do. Nothing here knows Whoosh."""

import random

import pytest

from shared import ids
from shared.search import Cursor, Delete, InvalidDocument, SearchIndex, SearchRequest, Sort, StaleCursor, Upsert
from tests.factories.search import INNSBRUCK, MUNICH, NOW, VIENNA, document

SECOND_HAND_TV = (
    "second-hand TV",
    "TV that is second-hand",
    "2nd-hand TV",
    "secondhand tv",
    "second hand TV",
    "sceond-hnad TV",
    "2nd hnad tv",
    "secnd hand tv",
)


def put(index, *documents):
    index.apply([Upsert(each) for each in documents])


def found(index: SearchIndex, text: str = "", **filters) -> list[int]:
    """The sequence numbers of the hits, in order."""
    page = index.search(SearchRequest(text, **filters))
    return [hit.listing & ids.MAX_SEQUENCE for hit in page.hits]


def test_a_listing_is_found_by_the_words_of_its_title_and_of_its_text(index):
    put(index, document(1, "Red sofa"), document(2, "Blue chair", body="goes well with a sofa"))
    assert found(index, "sofa") == [1, 2]
    assert index.search(SearchRequest("chair")).hits[0].city == INNSBRUCK


@pytest.mark.parametrize("question", SECOND_HAND_TV)
def test_all_spellings_of_second_hand_find_the_same(index, question):
    titles = ["Second-hand TV", "TV, 2nd hand", "Secondhand TV stand", "Second hand bike", "TV new", "Hand made TV"]
    index.rebuild([document(at, title) for at, title in enumerate(titles, 1)], {})
    page = index.search(SearchRequest(question))
    assert sorted(hit.listing & ids.MAX_SEQUENCE for hit in page.hits[:3]) == [1, 2, 3]
    assert list(page.hits) == list(index.search(SearchRequest(SECOND_HAND_TV[0])).hits)


def many_things():
    """Four hundred listings, of which a good part are televisions from a second hand, written in every way."""
    chance = random.Random(8)
    ways = ["second-hand", "secondhand", "second hand", "2nd hand", "2nd-hand", "Second-Hand"]
    for at in range(1, 401):
        way = chance.choice([*ways, "brand new", "hand made", "the second"])
        thing = chance.choice(["TV", "tv", "TV set", "television", "sofa", "bike", "radio", "lamp"])
        place = chance.choice(["for the living room", "with remote control", "had it for a year", "send offers"])
        yield document(at, chance.choice([f"{way} {thing}", f"{thing}, {way}"]), body=place)


def test_all_spellings_of_second_hand_find_the_same_among_many(index):
    index.rebuild(many_things(), {})
    pages = [index.search(SearchRequest(question)) for question in SECOND_HAND_TV]
    assert {page.matched for page in pages} == {"all"} and pages[0].total > 50
    assert {page.total for page in pages} == {pages[0].total}
    assert all(list(page.hits) == list(pages[0].hits) for page in pages)


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("Café table", "cafe TABLE"),
        ("iPhone 64gb", "iphone 64 gb"),
        ("iPhone 64 GB", "64gb"),
        ("Two bicycles", "bicycle"),
        ("Blu-ray player", "bluray"),
        ("Wi-Fi router", "wifi"),
        ("Men's T-shirts", "tshirt men"),
        ("Велосипед", "велосипед"),
        ("Straße in Gold", "strasse"),
    ],
)
def test_a_listing_is_found_however_it_is_written(index, text, question):
    put(index, document(1, text), document(2, "Something else"))
    assert found(index, question) == [1]


def test_a_synonym_is_found_after_the_word_itself(index):
    put(index, document(1, "Red sofa"), document(2, "Red couch"), document(3, "Red lamp"))
    assert found(index, "sofa") == [1, 2]
    assert found(index, "couch") == [2, 1]


def test_synonyms_of_several_words_are_found_by_all_of_theirs(index):
    put(index, document(1, "Mobile phone"), document(2, "Smartphone"), document(3, "Phone table"))
    assert sorted(found(index, "cell phone", sort=Sort.NEWEST)) == [1, 2]
    assert set(found(index, "smartphone")) == {1, 2}


@pytest.mark.parametrize("question", ['"red sofa"', "“red sofa”", '"RED sofas"', "„red sofa“ sofa", 'sofa "red sofa'])
def test_what_is_quoted_must_stand_together_in_that_order(index, question):
    put(
        index,
        document(1, "A red sofa"),
        document(2, "Sofa, red"),
        document(3, "Red", body="sofa"),
        document(4, "Lamp", body="goes with a red sofa"),
    )
    expected = {1, 2, 3, 4} if question.count('"') == 1 else {1, 4}
    assert set(found(index, question)) == expected


@pytest.mark.parametrize("question", ['"second hand"', '"secondhand"', '"2nd-hand"', '"second-hand tv"'])
def test_a_compound_is_quoted_however_it_is_written(index, question):
    titles = ["Second-hand TV", "Secondhand TV", "2nd hand TV", "Hand made, second TV"]
    put(index, *(document(at, title) for at, title in enumerate(titles, 1)))
    assert sorted(found(index, question)) == [1, 2, 3]


def test_a_quoted_phrase_holds_when_listings_with_some_of_the_other_words_are_added(index):
    put(index, document(1, "red sofa bed"), document(2, "red sofa"), document(3, "bed"), document(4, "sofa, red bed"))
    page = index.search(SearchRequest('"red sofa" bed'))
    assert page.matched == "any" and found(index, '"red sofa" bed') == [1, 2]


def test_what_is_quoted_has_neither_synonyms_nor_its_spelling_put_right(index):
    index.rebuild([document(1, "Red sofa"), document(2, "Red couch")], {})
    assert found(index, '"sofa"') == [1]
    page = index.search(SearchRequest('"sfoa"'))
    assert (page.total, page.corrected) == (0, None)


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("sofa -red", [2, 3]),
        ("sofa -Red -blue", [3]),
        ('sofa -"old red"', [2, 3]),
        ('sofa -"red old"', [1, 2, 3]),
        ("-sofa", [4]),
        ("-second-hand sofa", [1, 2]),
        ("sofa -", [1, 2, 3]),
        ("sofa - red", [1, 2, 3]),
        ("second-hand sofa", [1, 2, 3]),
    ],
)
def test_a_minus_before_a_word_leaves_out_what_has_it(index, question, expected):
    titles = ["Old red sofa", "Blue sofa", "Second hand sofa", "Lamp"]
    put(index, *(document(at, title) for at, title in enumerate(titles, 1)))
    assert sorted(found(index, question)) == expected


def test_a_question_of_nothing_but_exclusions_shows_the_newest_of_the_rest(index):
    put(index, document(1, "sofa"), document(2, "lamp"), document(3, "bike"))
    assert found(index, "-lamp") == [3, 1]


VOCABULARY = [
    document(1, "Mountain bicycle with gears", body="a bicycle for every mountain"),
    document(2, "Bicycle lamp"),
    document(3, "Honda Civic"),
    document(4, "iPhone 14"),
    document(5, "Kitchen cupboard"),
]


@pytest.mark.parametrize(
    ("typed", "corrected", "expected"),
    [
        ("bicylce", "bicycle", {1, 2}),
        ("Mountian Bicycle", "mountain Bicycle", {1}),
        ("honda civc", "honda civic", {3}),
        ("kitchen cuppboard", "kitchen cupboard", {5}),
        ("kitchencupboard", "kitchen cupboard", {5}),
        ("“kitchen” cuboard -lamp", '"kitchen" cupboard -lamp', {5}),
        ("bicycles", None, {1, 2}),
        ("iphone 15", None, {4}),
        ("xyzzyx", None, set()),
    ],
)
def test_spelling_is_put_right_from_the_words_of_the_listings(index, typed, corrected, expected):
    index.rebuild(VOCABULARY, {})
    page = index.search(SearchRequest(typed))
    assert page.corrected == corrected
    assert expected <= {hit.listing & ids.MAX_SEQUENCE for hit in page.hits} and bool(page.hits) == bool(expected)
    assert not index.search(SearchRequest(typed, exact=True)).corrected


def test_a_word_that_came_after_the_last_build_is_no_slip(index):
    index.rebuild(VOCABULARY, {})
    put(index, document(9, "Mountian goat"))
    page = index.search(SearchRequest("mountian"))
    assert page.corrected is None and page.hits[0].listing == document(9).listing


def test_a_correction_that_finds_nothing_within_the_filters_is_not_made(index):
    index.rebuild(VOCABULARY, {})
    page = index.search(SearchRequest("bicylce lamp", category="tools"))
    assert (page.corrected, page.total, page.missing) == (None, 0, ("bicylce",))


def test_words_that_no_listing_has_are_told_as_they_were_typed(index):
    index.rebuild(VOCABULARY, {})
    page = index.search(SearchRequest("iPhone 15 Qwertz"))
    assert page.missing == ("15", "Qwertz") and page.matched == "any"
    index.apply([Delete(document(4).listing)])
    assert index.search(SearchRequest("iPhone")).missing == ("iPhone",)


def test_a_much_more_frequent_word_stands_beside_a_rare_one_when_few_have_it(index):
    index.rebuild([document(1, "Guage"), *(document(at, "Pressure gauge") for at in range(2, 60))], {})
    page = index.search(SearchRequest("guage"))
    assert (page.corrected, page.matched, page.total) == (None, "any", 59)
    assert page.hits[0].listing == document(1).listing
    assert index.search(SearchRequest("guage", exact=True)).total == 1


def test_what_is_being_typed_is_completed_by_the_words_of_titles(index):
    titles = ["Mountain bike", "Mountain bike, red", "Mountain tent", "Motor", "Zither"]
    index.rebuild([document(at, title) for at, title in enumerate(titles, 1)], {})
    assert index.suggest("m", 10)[0] == "mountain"
    assert index.suggest("Red moun", 10)[:2] == ["Red mountain", "Red mountain bike"]
    assert index.suggest("mountain b", 10)[0] == "mountain bike"
    assert index.suggest("mo", 1) == ["mountain"]


@pytest.mark.parametrize("typed", ["", " ", "the ", "*", '"', "\u202e", "m\x00", "x" * 10_000, "qqq"])
def test_nothing_is_made_up_to_complete(index, typed):
    index.rebuild([document(1, "Mountain bike")], {})
    assert index.suggest(typed, 10) == []


def test_listings_with_only_some_words_are_added_when_few_have_all_and_the_page_says_so(index):
    put(index, document(1, "red sofa"), document(2, "red chair"), document(3, "green sofa"), document(4, "lamp"))
    page = index.search(SearchRequest("red sofa"))
    assert (page.matched, page.total) == ("any", 3)
    assert page.hits[0].listing == document(1).listing
    assert index.search(SearchRequest("lamp")).matched == "all"


def test_enough_listings_with_all_words_stand_alone(index):
    put(index, *(document(at, "red sofa") for at in range(1, 13)), document(20, "red chair"))
    page = index.search(SearchRequest("red sofa"))
    assert (page.matched, page.total) == ("all", 12)


def test_other_orders_show_only_what_matches_best(index):
    put(index, document(1, "red sofa"), document(2, "red chair"))
    assert found(index, "red sofa", sort=Sort.NEWEST) == [1]


def test_filters_narrow_and_combine(index):
    put(
        index,
        document(1, "bike", city=VIENNA, region="AT.09", price=5_000, has_photo=True, condition="used"),
        document(2, "bike", city=MUNICH, region="DE.02", country="DE", category="tools", section="home"),
        document(3, "bike", price=0, currency=None, posted_at=NOW - 500),
        document(4, "bike", price=None, currency=None),
        document(5, "bike", price=5_000, currency="USD"),
    )
    assert found(index, "bike", city=VIENNA) == [1]
    assert found(index, "bike", country="DE") == found(index, "bike", region="DE.02") == [2]
    assert found(index, "bike", category="tools") == found(index, "bike", section="home") == [2]
    assert found(index, "bike", has_photo=True) == found(index, "bike", condition="used") == [1]
    assert found(index, "bike", since=NOW - 500) == [5, 4, 2, 1, 3]
    assert found(index, "bike", since=NOW, price_max=5_000) == [5, 1]
    assert found(index, price_max=6_000, currency="EUR", sort=Sort.PRICE_DESC) == [1, 3]
    assert found(index, price_min=1, price_max=6_000) == [5, 1]
    assert found(index, "bike", country="XX") == found(index, "bike", city=1) == []
    assert found(index, "bike", country="AT", has_photo=True, price_max=4_999) == []


def test_orders(index):
    prices = {1: 300, 2: None, 3: 100, 4: 0, 5: 300}
    put(index, *(document(at, "bike", price=price) for at, price in prices.items()))
    assert found(index, "bike", sort=Sort.NEWEST) == [5, 4, 3, 2, 1]
    assert found(index, "bike", sort=Sort.PRICE_ASC) == [4, 3, 5, 1, 2]
    assert found(index, "bike", sort=Sort.PRICE_DESC) == [5, 1, 3, 4, 2]
    assert found(index) == [5, 4, 3, 2, 1]


def test_pages_follow_one_another_without_gap_or_repetition(index):
    put(index, *(document(at, "same words", posted_at=NOW + at % 3) for at in range(1, 60)))
    everything = found(index, "same words", limit=50) + found(index, "same words", offset=50)
    pages = [found(index, "same words", offset=offset, limit=7) for offset in range(0, 63, 7)]
    assert [at for page in pages for at in page] == everything
    assert sorted(everything) == list(range(1, 60))
    assert index.search(SearchRequest("same", offset=50, limit=9)).more is False
    assert index.search(SearchRequest("same", offset=49, limit=9)).more is True


@pytest.mark.parametrize(("offset", "limit"), [(1000, 50), (10**9, 50), (10**30, 1), (0, 0), (0, -5)])
def test_depths_that_nobody_reads_are_empty(index, offset, limit):
    put(index, document(1))
    page = index.search(SearchRequest("bicycle", offset=offset, limit=limit))
    assert (page.hits, page.total) == ([], 1)


def test_limits_and_negative_offsets_are_cut_to_what_is_possible(index):
    put(index, *(document(at) for at in range(1, 61)))
    assert len(found(index, "bicycle", offset=-7, limit=10**9)) == 50


@pytest.mark.parametrize("bound", [-(10**30), -1, 0, 10**18, 10**30])
def test_absurd_bounds_are_answered(index, bound):
    put(index, document(1))
    for name in ("price_min", "price_max", "since", "city"):
        assert index.search(SearchRequest("bicycle", **{name: bound})).total in (0, 1)


NO_WORDS = ["the of and", "!!! ???", "***", '"', "()[]{}", "\u200b\u202e", "🚲", "-", "--", "-the", '"the"', '""']


@pytest.mark.parametrize("text", NO_WORDS)
def test_a_question_without_a_word_finds_nothing(index, text):
    put(index, document(1, "The bicycle of the year"))
    assert index.search(SearchRequest(text)).total == 0


@pytest.mark.parametrize("text", ["bi*", "*", "b?cycle", "[a TO z]", "title:bicycle~2", "NOT bicycle", "^2"])
def test_there_are_no_operators(index, text):
    put(index, document(1, "Bicycle"), document(2, "Lamp"))
    assert 2 not in found(index, text)


def test_what_is_deleted_is_gone_and_what_is_changed_is_found_as_it_is_now(index):
    put(index, document(1, "Red sofa"), document(2, "Red sofa"))
    index.apply([Delete(document(1).listing), Upsert(document(2, "Green lamp", revision=2))])
    assert found(index, "sofa") == []
    assert found(index, "lamp") == [2]


def test_the_last_change_of_a_listing_in_a_batch_wins(index):
    listing = document(1).listing
    index.apply(
        [Upsert(document(1, "sofa")), Delete(listing), Upsert(document(1, "lamp")), Upsert(document(2, "lamp"))]
    )
    assert found(index, "lamp") == [2, 1]
    index.apply([Upsert(document(1, "sofa")), Delete(listing)])
    assert found(index, "sofa") == []


def test_changes_may_be_applied_again(index):
    changes = [Upsert(document(1)), Delete(document(2).listing), Upsert(document(3))]
    for _ in range(3):
        index.apply(changes)
    assert found(index, "bicycle") == [3, 1]
    assert index.health().documents == 2


def test_nothing_to_do_is_no_error(index):
    index.apply([])
    index.apply([Delete(5)])
    assert index.health().ok


@pytest.mark.parametrize(
    "wrong",
    [{"price": -2}, {"price": 2**63}, {"city": -1}, {"posted_at": 1.5}, {"title": None}, {"category": "x" * 65}],
)
def test_one_invalid_document_changes_nothing(index, wrong):
    put(index, document(1, "sofa"))
    with pytest.raises(InvalidDocument) as caught:
        index.apply([Delete(document(1).listing), Upsert(document(2, "sofa")), Upsert(document(3, **wrong))])
    assert caught.value.listing == document(3).listing
    assert found(index, "sofa") == [1]
    put(index, document(4, "sofa"))
    assert found(index, "sofa") == [4, 1]


def test_the_cursor_is_kept_with_the_changes(index):
    cursor = index.cursor()
    assert cursor.positions == {}
    index.apply([Upsert(document(1))], cursor.advanced("u1", 7))
    index.apply([], index.cursor().advanced("u2", 3))
    assert index.cursor().positions == {"u1": 7, "u2": 3}


def test_a_rebuild_replaces_everything_and_starts_from_its_positions(index):
    put(index, document(1, "old sofa"))
    assert index.rebuild([document(2, "new sofa"), document(3, "lamp")], {"u1": 9}) == 2
    assert found(index, "sofa") == [2]
    assert index.cursor().positions == {"u1": 9}


def test_a_rebuild_leaves_out_what_is_invalid(index):
    assert index.rebuild([document(1, "sofa"), document(2, "sofa", price=-9)], {}) == 1
    assert found(index, "sofa") == [1]


def test_a_cursor_from_before_a_switch_is_refused(index):
    cursor = index.cursor()
    index.rebuild([], {})
    with pytest.raises(StaleCursor):
        index.apply([Upsert(document(1))], cursor.advanced("u1", 1))
    assert index.cursor().positions == {}


def test_a_rebuild_that_fails_leaves_the_old_index(index):
    put(index, document(1, "sofa"))

    def cut_off():
        yield document(2, "sofa")
        raise RuntimeError("the database went away")

    with pytest.raises(RuntimeError):
        index.rebuild(cut_off(), {})
    assert found(index, "sofa") == [1]
    assert index.rebuild([document(2, "sofa")], {}) == 1


def test_health_tells_the_figures(index):
    put(index, document(1), document(2))
    index.apply([Delete(document(1).listing)], index.cursor().advanced("u1", 4))
    health = index.health()
    assert (health.ok, health.reason, health.documents) == (True, None, 1)
    assert health.positions == {"u1": 4}
    assert health.index == index.cursor().index
    assert isinstance(index.cursor(), Cursor)
