"""Files that the search bench reads, and the listings and questions it makes of them."""

import json
import random

import pytest

from benchmarks.search import listings, workload
from benchmarks.search.listings import Text, UnreadableFile
from shared import places
from shared.search import SearchRequest


def written(path, text):
    path.write_text(text, encoding="utf-8")
    return path


def test_documents_come_as_objects_or_as_columns(tmp_path):
    rows = [{"id": 7, "title": "Lamp", "body": "Brass"}, {"id": "b", "title": "Sofa", "body": None, "price": 5}]
    objects = written(tmp_path / "a.jsonl", "\n".join(map(json.dumps, rows)))
    columns = written(tmp_path / "a.tsv", '7\tLamp "40\nb\tSofa\tGrey\n')
    assert [(text.key, text.title, text.body) for text in listings.read_texts(objects)] == [
        ("7", "Lamp", "Brass"),
        ("b", "Sofa", ""),
    ]
    assert [(text.key, text.title, text.body) for text in listings.read_texts(columns)] == [
        ("7", 'Lamp "40', ""),
        ("b", "Sofa", "Grey"),
    ]


def test_headings_without_ids_are_documents_too(tmp_path):
    path = written(tmp_path / "a.jsonl", '{"city": "here", "heading": "Bike"}\n{"city": "there", "heading": "Car"}\n')
    assert [(text.key, text.title) for text in listings.read_texts(path)] == [("0", "Bike"), ("1", "Car")]


@pytest.mark.parametrize(
    ("name", "text"), [("a.csv", "1,Lamp"), ("a.tsv", "1\n"), ("a.jsonl", "{}"), ("a.jsonl", "{"), ("a.tsv", "")]
)
def test_a_file_of_another_form_is_refused_by_name(tmp_path, name, text):
    with pytest.raises(UnreadableFile, match=name):
        listings.read_texts(written(tmp_path / name, text))


def test_a_missing_file_is_refused_by_name(tmp_path):
    with pytest.raises(UnreadableFile, match=r"no\.tsv"):
        listings.read_judgements(tmp_path / "no.tsv")


def test_judgements_are_three_columns(tmp_path):
    path = written(tmp_path / "q.tsv", "red sofa\t7\t2.33\nred sofa\tb\t1\n")
    assert listings.read_judgements(path) == {"red sofa": {"7": 2.33, "b": 1.0}}
    with pytest.raises(UnreadableFile, match=r"q\.tsv"):
        listings.read_judgements(written(path, "red sofa\t7\tgood\n"))


def test_what_a_file_knows_of_a_listing_is_kept_and_the_rest_is_made_up_alike():
    texts = {1: Text("a", "Lamp", "", {"category": "bicycles", "price": 700, "city": "x"}), 2: Text("b", "Sofa")}
    made = listings.make_listings(texts, 1)
    assert (made[0].category, made[0].price, made[0].currency) == ("bicycles", 700, "EUR")
    assert made == listings.make_listings(texts, 1) != listings.make_listings(texts, 2)
    assert places.get(made[1].city).country == made[1].country


def test_a_few_texts_grow_to_as_many_listings_as_are_wanted_all_with_bodies():
    few = [Text(str(at), f"Title {at}", "" if at % 2 else f"Body {at}") for at in range(10)]
    many = listings.grown(few, 25, 1)
    assert len(many) == 25
    assert {text.title for text in many} == {text.title for text in few}
    assert all(text.body for text in many)
    assert len(listings.grown(few, 4, 1)) == 4


def test_phrases_are_runs_of_words_out_of_titles():
    found = listings.phrases(["Old red sofa-bed, 2 m", "!!!"], 20, random.Random(1))
    assert found and len(set(found)) == len(found)
    assert all(f" {phrase} " in " old red sofa-bed 2 m " for phrase in found)


def test_every_commit_of_the_mix_is_fifty_changes_that_belong_together():
    made = listings.make_listings(listings.as_they_are([Text(str(at), f"Lamp {at}") for at in range(100)]), 1)
    first, second = (workload.changes(made, number, random.Random(1)) for number in (0, 1))
    assert len(first) == len(second) == 50
    assert first != second


def test_the_mix_is_of_pages_a_site_gives():
    made = listings.make_listings(listings.as_they_are([Text(str(at), f"Lamp {at}") for at in range(50)]), 1)
    asked = workload.mixed(["brass lamp", "sofa"], made, 300, random.Random(1))
    assert len(asked) == 300
    in_a_city = sum(request.city is not None for request in asked)
    mistyped = sum(request.text not in ("brass lamp", "sofa") for request in asked)
    assert 180 < in_a_city < 240
    assert 30 < mistyped < 90
    assert max(request.window[1] for request in asked) == 5 * workload.PAGE
    assert all(isinstance(request, SearchRequest) for request in asked)
