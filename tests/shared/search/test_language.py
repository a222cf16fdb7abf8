"""What any engine behind the port must make of language: spellings, synonyms, phrases, exclusion, completion."""

import random

import pytest

from shared import ids
from shared.search import Delete, SearchRequest, Sort
from tests.factories.search import document
from tests.shared.search.test_contract import found, put

SECOND_HAND_TV = (
    "second-hand TV",
    "TV that is second-hand",
    "2nd-hand TV",
    "2ndhand tv",
    "secondhand tv",
    "second hand TV",
    "sceond-hnad TV",
    "2nd hnad tv",
    "secnd hand tv",
)


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


@pytest.mark.parametrize("question", ["cell phone", "Blu Ray", "wifi router", "tshirt", "T-Shirts", "television"])
def test_a_good_word_is_no_slip_of_another_because_no_listing_has_it(index, question):
    titles = ["Well, with a cover", "Blue pay phone", "Hifi router", "Shirt"] * 9
    index.rebuild([document(at, title) for at, title in enumerate(titles, 1)], {})
    assert index.search(SearchRequest(question)).corrected is None


def test_a_good_word_that_no_listing_has_does_not_stand_for_its_neighbour(index):
    index.rebuild([document(at, "Winter coat") for at in range(1, 40)], {})
    page = index.search(SearchRequest("cot"))
    assert (page.total, page.missing) == (0, ("cot",))


@pytest.mark.parametrize("question", ["t-shirt", "t shirt", "tshirt", "tee-shirt", "T-Shirts", "cotton shirt-dress"])
def test_a_part_of_a_compound_is_found_when_no_listing_has_the_whole(index, question):
    index.rebuild([*(document(at, "Blue shirt") for at in range(1, 4)), document(4, "Lamp")], {})
    page = index.search(SearchRequest(question))
    assert (page.matched, page.corrected) == ("any", None) and page.missing
    assert found(index, question) == found(index, question, sort=Sort.NEWEST) == [3, 2, 1]


def test_a_part_of_a_compound_comes_after_another_word_of_the_question(index):
    put(index, document(1, "Leather jacket"), document(2, "Shirt"), document(3, "Leather shirt"), document(4, "Lamp"))
    assert found(index, "leather tshirt") == [3, 1, 2]


def test_a_compound_that_some_listing_has_is_not_taken_apart(index):
    put(index, document(1, "T-shirt"), document(2, "Shirt"), document(3, "Cell phone"), document(4, "Phone table"))
    assert found(index, "tshirt") == [1]
    assert found(index, "cellphone") == [3]


@pytest.mark.parametrize(("question", "expected"), [("e-bike", []), ("cellphone", [2]), ('"cellphone"', [])])
def test_parts_of_two_letters_and_of_what_is_quoted_are_not_looked_for(index, question, expected):
    put(index, document(1, "E major scales"), document(2, "Phone table"))
    assert found(index, question) == expected


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


def cutters():
    """A hundred things, of which many cut pizza, a few come from Piza, and none of these cuts."""
    titles = ["Map of Piza", "Piza postcard", *["Pizza cutter"] * 20, *["Paper cutter"] * 5, *["Garden lamp"] * 73]
    return [document(at, title) for at, title in enumerate(titles, 1)]


def test_a_word_that_fits_the_others_stands_beside_one_that_is_probably_a_slip_of_it(index):
    index.rebuild(cutters(), {})
    page = index.search(SearchRequest("piza cutter"))
    assert (page.corrected, page.matched) == (None, "any")
    assert {hit.listing & ids.MAX_SEQUENCE for hit in page.hits[:20]} == set(range(3, 23))
    assert found(index, "piza cutter", exact=True)[0] not in range(3, 23)


@pytest.mark.parametrize(("question", "expected"), [("piza postcard", 2), ("piza map", 1)])
def test_a_word_that_fits_the_others_is_no_slip(index, question, expected):
    index.rebuild(cutters(), {})
    assert found(index, question)[0] == expected
    assert not set(found(index, question)) & set(range(3, 23))


@pytest.mark.parametrize("question", ['"piza" cutter', "cutter -piza"])
def test_what_is_quoted_or_excluded_is_never_taken_for_a_slip(index, question):
    index.rebuild(cutters(), {})
    page = index.search(SearchRequest(question))
    assert page.corrected is None
    assert page.total == (2 if '"' in question else 25)


def test_a_letter_left_out_is_likelier_than_a_wrong_one(index):
    titles = ["Garden bucket", "Green bucket", "Green lamp", "Green sofa", "Golden lamp"]
    index.rebuild([document(at, title) for at, title in enumerate(titles, 1)], {})
    assert index.search(SearchRequest("grden bucket")).corrected == "garden bucket"


def test_the_other_words_tell_which_word_was_meant(index):
    titles = ["Water hose"] * 3 + ["Wafer biscuits"] * 3 + ["Red lamp"] * 30
    index.rebuild([document(at, title) for at, title in enumerate(titles, 1)], {})
    assert index.search(SearchRequest("wager hose")).corrected == "water hose"
    assert index.search(SearchRequest("wager biscuits")).corrected == "wafer biscuits"


def test_a_word_of_a_single_title_is_known_to_the_spelling_of_a_large_site(index):
    index.rebuild([document(1, "Gladiolus bulbs"), *(document(at, "Lamp", body="bulb") for at in range(2, 1_010))], {})
    page = index.search(SearchRequest("glkadiolus bulbs"))
    assert page.corrected == "gladiolus bulbs" and page.hits[0].listing == document(1).listing


def test_no_word_is_corrected_to_one_that_says_nothing(index):
    ones = (document(at, "Microwave", body="a good one, one of the best ones") for at in range(2, 60))
    index.rebuild([document(1, "Microwave oven"), *ones], {})
    assert index.search(SearchRequest("microwave oen")).corrected == "microwave oven"


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
