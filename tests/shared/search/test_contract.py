"""What any engine behind the port must do. Nothing here knows Whoosh."""

import pytest

from shared import ids
from shared.search import Cursor, Delete, InvalidDocument, SearchIndex, SearchRequest, Sort, StaleCursor, Upsert
from tests.factories.catalog import INNSBRUCK, MUNICH, NOW, VIENNA
from tests.factories.search import document


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


def test_how_many_listings_have_a_term_is_told(index):
    put(index, document(1, "Red sofa"), document(2, "Blue sofa", body="with a red pillow"), document(3, "Lamp"))
    assert index.frequencies(["sofa", "red", "blue", "boat"]) == {"sofa": 2, "red": 2, "blue": 1, "boat": 0}
