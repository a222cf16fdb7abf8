"""The demo town: real rows by the rooms' own rules, the same for the same seed."""

import io
import os
import random

import pytest
from PIL import Image
from sqlalchemy import func, select

from jobs.demo import load, pictures, texts
from shared import catalog, categories, places
from shared.catalog.models import CatalogListing
from shared.events import EventRow
from shared.events.relay import number_pending, sweep
from shared.gateways.blobs import DirectoryBlobs
from shared.listings.bulk import Picture
from shared.listings.models import Listing
from shared.money import CURRENCIES
from shared.sharding import fan_out, total

BLOB = {"160": {"height": 120, "avif": f"{'a' * 32}-160.avif", "jpg": f"{'b' * 32}-160.jpg"}}
POOL = {motif: [Picture(160, 120, BLOB)] * 4 for motif in pictures.MOTIFS}


def count(model, keyspace="user") -> int:
    return fan_out(select(func.count()).select_from(model), keyspace=keyspace, merge=total)


@pytest.fixture
def town(fleet):
    people = load.make_people(20, seed=3, password_hash="$2b$04$x")
    load.make_listings(people, 150, seed=3, pool=POOL, say=lambda _done, _all: None)
    return people


def test_every_listing_has_its_event_and_its_catalogue_row(town):
    assert count(Listing) == count(EventRow) == count(CatalogListing, "city") == 150
    assert len(catalog.page(catalog.Scope()).rows) == catalog.PAGE


def test_demo_events_are_settled_so_that_no_consumer_runs_for_them(town, fleet):
    for shard in fleet.names("user"):
        assert number_pending(shard) == []
        assert sweep(shard, {"NewListingCreated": ["keep_catalogue"]}, older_than=0) == {}


def test_more_listings_continue_the_numbers_of_the_first(town, fleet):
    load.make_listings(town, 50, seed=4, pool=POOL, say=lambda _done, _all: None)
    assert count(Listing) == 200


def test_the_same_seed_says_the_same():
    drafts = [[texts.compose(random.Random(7), "Graz", 1) for _ in range(20)] for _ in range(2)]
    assert drafts[0] == drafts[1]


def test_every_category_of_the_words_exists_and_every_motif_can_be_drawn():
    for slug, spec in texts._words()["category"].items():
        assert not categories.get(slug).is_section
        assert set(spec["motifs"]) <= set(pictures.MOTIFS)


@pytest.mark.parametrize("motif", sorted(pictures.MOTIFS))
def test_a_picture_is_a_jpeg_of_the_size_we_say(motif):
    with Image.open(io.BytesIO(pictures.draw(motif, 1))) as image:
        assert (image.format, image.size) == ("JPEG", (pictures.SIZE[0] - 48, pictures.SIZE[1] - 48))
    assert pictures.draw(motif, 1) == pictures.draw(motif, 1)


def test_demo_people_live_in_real_cities_of_many_countries(town):
    assert {places.get(home.city.id).kind for home in town} == {"city"}
    assert len({home.city.country for home in town}) > 5


def test_pictures_of_an_earlier_demo_are_used_again_only_while_all_of_them_are_stored(tmp_path):
    store, mark = DirectoryBlobs(tmp_path / "blobs"), tmp_path / "mark"

    def make() -> load.Pool:
        return load.make_pictures(store, mark, lambda _done, _all: None, 1)

    made = make()
    names = [each[kind] for found in made.values() for each in found[0].variants.values() for kind in ("avif", "jpg")]
    for name in names:
        os.utime(store.path(name), (1, 1))
    assert make() == made
    assert not store.remove(names[0], 2), "they are young again"
    store.path(names[0]).unlink()
    assert make() == made
    assert store.exists(names[0])


def test_prices_are_scaled_in_every_currency_of_the_demo_but_those_that_are_worth_about_a_euro():
    about_a_euro = {"AUD", "CAD", "CHF", "EUR", "GBP", "NZD", "SGD", "USD", "AZN", "BAM", "BHD", "BSD", "GEL", "JOD"}
    about_a_euro |= {"KWD", "OMR", "PAB"}
    used = {city.currency for city in load._cities()}
    assert used - set(load._SCALE) <= about_a_euro
    assert all(rate >= 3 and code in CURRENCIES for code, rate in load._SCALE.items())
