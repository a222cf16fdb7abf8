"""The catalogue follows the listings: event by event, and in the night whatever was lost."""

import dataclasses
from typing import Any

import pytest

from jobs.consumers import catalog as consumers
from shared import catalog, clock, ids
from shared.catalog import Scope, apply_all, page
from shared.events import ListingSold, ListingUpdated, NewListingCreated, Recorded
from shared.listings import Listing
from shared.sharding import allocate_owner, transaction
from tests.factories.catalog import DAY, INNSBRUCK, NOW, VIENNA, entry
from tests.factories.plans import plans


@pytest.fixture(autouse=True)
def _frozen():
    with clock.freeze(NOW):
        yield


def listing(owner: int, **values: Any) -> int:
    """A published listing, straight into its table; returns its id."""
    fields: dict[str, Any] = {
        "state": "published",
        "revision": 1,
        "title": "Oak table",
        "body": "Solid.",
        "category": "furniture",
        "fields": {},
        "price_kind": "free",
        "negotiable": False,
        "city": INNSBRUCK,
        "seller_name": "Ada",
        "photo_count": 0,
        "created_at": NOW - DAY,
        "updated_at": NOW - DAY,
        "published_at": NOW - DAY,
        "expires_at": NOW + DAY,
    }
    with transaction(owner) as session:
        session.add(Listing(id=ids.compose(owner, 1), owner=owner, **(fields | values)))
    return ids.compose(owner, 1)


def change(listing_id: int, **values: Any) -> None:
    with transaction(ids.owner_of(listing_id)) as session:
        row = session.get(Listing, listing_id)
        for name, value in values.items():
            setattr(row, name, value)


def tell(event) -> None:
    consumers.keep_catalogue(Recorded(id=1, owner=1, feed_seq=1, at=NOW, request_id=None, event=event))


def shown(city: int = INNSBRUCK) -> list[str]:
    return [row.title for row in page(Scope(city=city)).rows]


def test_a_new_listing_is_shown_with_its_place_and_section(fleet):
    one = listing(allocate_owner())
    tell(NewListingCreated(one, 1, INNSBRUCK, "furniture"))
    (row,) = page(Scope(country="AT", section="for-sale")).rows
    assert (row.category, row.public_id, row.price_kind) == ("furniture", ids.public(one), "free")


def test_a_listing_that_moved_is_shown_in_its_new_city_alone_whichever_news_come_first(fleet):
    one = listing(allocate_owner())
    created = NewListingCreated(one, 1, INNSBRUCK, "furniture")
    moved = ListingUpdated(one, 2, VIENNA, "furniture", previous_city=INNSBRUCK)
    tell(created)
    change(one, city=VIENNA, revision=2)
    for event in (moved, created, moved):
        tell(event)
        assert (shown(INNSBRUCK), shown(VIENNA)) == ([], ["Oak table"])


def test_a_sold_listing_leaves_and_late_news_do_not_bring_it_back(fleet):
    one = listing(allocate_owner())
    created = NewListingCreated(one, 1, INNSBRUCK, "furniture")
    tell(created)
    change(one, state="sold", revision=2)
    tell(ListingSold(one, 2, INNSBRUCK, "furniture"))
    tell(created)
    assert shown() == []


def test_the_nightly_comparison_mends_what_is_missing_old_or_too_much(fleet):
    missing, old, sold = (listing(allocate_owner(), title=title) for title in ("Missing", "Edited", "Sold"))
    for one in (old, sold):
        tell(NewListingCreated(one, 1, INNSBRUCK, "furniture"))
    change(old, title="Edited anew", revision=2)
    change(sold, state="sold", revision=2)
    stray = entry(1, city=VIENNA)
    apply_all([stray, dataclasses.replace(entry(2), listing=missing, city=VIENNA)])
    assert catalog.reconcile() == (2, 3)
    assert sorted(shown()) == ["Edited anew", "Missing"]
    assert shown(VIENNA) == []
    assert catalog.reconcile() == (0, 0)


@pytest.mark.sqlite_plans
def test_the_nightly_comparison_reads_no_table_from_its_beginning_and_sorts_none(fleet):
    for title in ("One", "Two"):
        listing(allocate_owner("range:u1"), title=title, photo_count=1)
    found = [plan for name in ("u1", "c1") for plan in plans(fleet.shard(name), catalog.reconcile)]
    assert len(found) >= 6
    assert not [plan for plan in found if "SCAN" in plan or "TEMP B-TREE" in plan]
