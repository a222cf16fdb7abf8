"""The peers understand a request as the product does: otherwise nothing that is measured beside them would count."""

from contextlib import closing
from dataclasses import replace

import pytest

from benchmarks.search import workload
from benchmarks.search.engines import ENGINES, PEERS, engine, until_seen
from benchmarks.search.listings import NOW, as_they_are, demo_texts, make_listings
from shared.search import MAX_LIMIT, Delete, SearchRequest, Sort, Upsert

COUNT = 300
# The demo writes it into some of its listings.
WORD = "deposit"


@pytest.fixture(scope="module")
def made():
    texts = [text for text, _ in zip(demo_texts(1), range(COUNT), strict=False)]
    return make_listings(as_they_are(texts), 1)


@pytest.fixture(scope="module")
def engines(made, tmp_path_factory):
    folder = tmp_path_factory.mktemp("engines")
    found = {name: engine(name, folder / name) for name in ENGINES}
    for one in found.values():
        one.build(made)
    yield found
    for one in found.values():
        one.close()


def test_all_engines_find_the_same_with_any_combination_of_filters(engines, made):
    like = next(each for each in made if each.has_photo and each.price and each.posted_at > NOW - workload.MONTH // 2)
    sizes = set()
    known = {name: each for name, each in workload.combined(WORD, like).items() if workload.DISTANCE not in name}
    for name, question in known.items():
        request = replace(question.request, limit=MAX_LIMIT)
        product, *peers = (sorted(one.search(request)) for one in engines.values())
        assert peers == [product, product], name
        sizes.add(len(product))
    assert min(sizes) < 3 < 20 < max(sizes) < MAX_LIMIT  # so the filters did narrow, and nothing was cut off


@pytest.mark.parametrize("sort", [Sort.NEWEST, Sort.PRICE_ASC, Sort.PRICE_DESC])
def test_all_engines_order_alike(engines, made, sort):
    by_id = {each.listing: each for each in made}
    key = "posted_at" if sort is Sort.NEWEST else "price"
    request = SearchRequest(WORD, price_min=1, sort=sort, offset=5, limit=10)
    product, *peers = ([getattr(by_id[found], key) for found in one.search(request)] for one in engines.values())
    assert peers == [product, product]
    assert product == sorted(product, reverse=sort is not Sort.PRICE_ASC) and len(product) == 10


@pytest.mark.parametrize("peer", PEERS)
def test_a_peer_finds_all_words_or_any(engines, made, peer):
    one, two = made[0].title.split()[:2], made[1].title.split()[:1]
    text = " ".join([*one, *two])
    every = set(engines[peer].search(SearchRequest(text)))
    some = set(engines[peer].search(SearchRequest(text), any_word=True))
    assert every <= some
    assert len(some) > len(every)


@pytest.mark.parametrize("name", ENGINES)
def test_questions_of_punctuation_find_nothing_and_break_nothing(engines, name):
    assert engines[name].search(SearchRequest("\"*()' -")) == []


@pytest.mark.parametrize("name", ENGINES)
def test_a_commit_is_seen(made, name, tmp_path):
    with closing(engine(name, tmp_path / name)) as one:
        one.build(made[:10])
        one.search(SearchRequest("condition"))
        one.apply([Delete(made[0].listing), Upsert(replace(made[1], title="Xylophone", body="", revision=2))])
        until_seen()
        assert one.search(SearchRequest("xylophone")) == [made[1].listing]
        assert made[0].listing not in one.search(SearchRequest(made[0].title), any_word=True)
