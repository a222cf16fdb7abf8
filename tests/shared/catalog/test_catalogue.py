"""The catalogue keeps what is newest, forgets nothing that left, and reads each page by one index."""

import dataclasses
import itertools
import threading

import pytest

from shared import clock
from shared.catalog.actions import apply, apply_all, forget_tombstones, remove
from shared.catalog.models import PREFIXES
from shared.catalog.queries import Scope, page, rows_by_ids, similar
from shared.sharding import WrongOwner, transaction
from shared.sharding.models import ScopeState
from shared.sharding.session import on_shard
from tests.factories.catalog import DAY, INNSBRUCK, MUNICH, NOW, VIENNA, entry
from tests.factories.plans import plans

NEARBY = INNSBRUCK + 1  # in the region that the factory gives to cities it does not know
INDEXES = ["ix_catalog_city_category", "ix_catalog_region_category", "ix_catalog_country_category"]


@pytest.fixture(autouse=True)
def _frozen():
    with clock.freeze(NOW):
        yield


def show(one) -> bool:
    with transaction(one.city, keyspace="city") as session:
        return apply(session, one)


def take_away(one, revision: int) -> bool:
    with transaction(one.city, keyspace="city") as session:
        return remove(session, one.city, one.listing, revision)


def titles(scope: Scope) -> list[str]:
    return [row.title for row in page(scope).rows]


def test_an_entry_is_on_the_pages_of_its_place_and_category(fleet):
    show(entry(1))
    for scope in (
        Scope(),
        Scope(country="AT"),
        Scope(region="AT.07"),
        Scope(city=INNSBRUCK),
        Scope(section="for-sale"),
    ):
        assert titles(scope) == ["Bicycle 1"]
    for scope in (
        Scope(country="DE"),
        Scope(city=VIENNA),
        Scope(section="jobs"),
        Scope(city=INNSBRUCK, category="cars"),
    ):
        assert titles(scope) == []


def test_news_that_come_late_or_twice_change_nothing(fleet):
    assert show(entry(1, revision=2, title="New"))
    assert not show(entry(1, revision=2, title="Twice"))
    assert not show(entry(1, revision=1, title="Old"))
    assert show(entry(1, revision=3, title="Newest"))
    assert titles(Scope(city=INNSBRUCK)) == ["Newest"]


def test_a_removed_listing_is_not_brought_back_by_older_news(fleet):
    one = entry(1, revision=2)
    show(one)
    assert take_away(one, 3)
    assert not take_away(one, 3)
    assert not show(one)
    assert titles(Scope(city=INNSBRUCK)) == []


def test_a_removal_that_comes_before_the_listing_holds(fleet):
    one = entry(1, revision=1)
    take_away(one, 2)
    assert not show(one)
    assert titles(Scope(city=INNSBRUCK)) == []


def test_a_removal_older_than_the_entry_changes_nothing(fleet):
    one = entry(1, revision=5)
    show(one)
    assert not take_away(one, 4)
    assert titles(Scope(city=INNSBRUCK)) == ["Bicycle 1"]


def test_a_listing_published_again_is_shown_again(fleet):
    one = entry(1, revision=1)
    show(one)
    take_away(one, 2)
    assert show(dataclasses.replace(one, revision=3))
    assert titles(Scope(city=INNSBRUCK)) == ["Bicycle 1"]


def test_another_citys_entry_is_refused_in_a_citys_session(fleet):
    with pytest.raises(WrongOwner), transaction(VIENNA, keyspace="city") as session:
        apply(session, entry(1, city=INNSBRUCK))


def test_a_bulk_write_keeps_to_the_same_rules(fleet):
    show(entry(1, revision=2, title="Kept"))
    take_away(entry(2), 4)
    changed = apply_all([entry(1), entry(2), entry(3), entry(4, city=VIENNA), entry(2, revision=5, owner=78)])
    assert changed == 3
    assert titles(Scope(country="AT")) == ["Bicycle 4", "Bicycle 3", "Bicycle 2", "Kept"]


def test_a_bulk_write_beside_newer_news_does_not_bring_the_older_back(fleet):
    show(entry(1, title="First"))
    bulk = threading.Thread(target=apply_all, args=([entry(1, revision=2, title="Second")],))
    with transaction(INNSBRUCK, keyspace="city") as session:
        assert apply(session, entry(1, revision=3, title="Third"))
        bulk.start()
        bulk.join(0.3)  # it waits for this transaction
    bulk.join(10)
    assert titles(Scope()) == ["Third"]


def test_paging_shows_every_row_once_even_among_rows_of_one_second(fleet):
    apply_all(entry(n, created_at=NOW - DAY + n // 7, city=(INNSBRUCK, VIENNA, MUNICH)[n % 3]) for n in range(1, 60))
    seen, after = [], None
    for _ in itertools.count():
        found = page(Scope(section="for-sale"), after, limit=10)
        seen += [row.listing for row in found.rows]
        after = found.next
        if after is None:
            break
    assert len(seen) == len(set(seen)) == 59
    keys = [(row.created_at, row.listing) for row in page(Scope(), limit=59).rows]
    assert keys == sorted(keys, reverse=True)
    assert seen == [listing for _, listing in keys]


def test_an_expired_entry_is_not_shown_even_before_its_removal(fleet):
    one, two = entry(1, expires_at=NOW), entry(2)
    apply_all([one, two])
    assert titles(Scope(city=INNSBRUCK)) == ["Bicycle 2"]
    assert [row.title for row in rows_by_ids([(INNSBRUCK, one.listing), (INNSBRUCK, two.listing)])] == ["Bicycle 2"]


def test_rows_by_id_come_in_the_order_asked_for_without_those_that_are_gone(fleet):
    one, two, gone = entry(1), entry(2, city=VIENNA), entry(3)
    apply_all([one, two, gone])
    take_away(gone, 2)
    wanted = [(each.city, each.listing) for each in (two, gone, one)] + [(MUNICH, one.listing)]
    assert [row.listing for row in rows_by_ids(wanted)] == [two.listing, one.listing]
    assert rows_by_ids([]) == []


def similar_titles(limit: int = 6) -> list[str]:
    return [row.title for row in similar(INNSBRUCK, "bicycles", exclude=entry(9).listing, limit=limit)]


def test_similar_listings_are_of_the_same_category_from_the_city_outwards(fleet):
    elsewhere = [entry(8, city=VIENNA), entry(7, city=NEARBY), entry(6, city=MUNICH), entry(5, category="cars")]
    apply_all([entry(1), entry(2), entry(9), *elsewhere])
    assert similar_titles() == ["Bicycle 2", "Bicycle 1", "Bicycle 7", "Bicycle 8"]
    assert similar_titles(limit=3) == ["Bicycle 2", "Bicycle 1", "Bicycle 7"]


def test_similar_listings_fill_their_places_however_many_of_the_city_are_the_newest_of_the_region(fleet):
    apply_all([*(entry(n) for n in range(10, 15)), *(entry(n, city=NEARBY) for n in range(1, 4))])
    assert similar_titles() == [f"Bicycle {n}" for n in (14, 13, 12, 11, 10, 3)]


def test_similar_listings_take_three_ranges_of_indexes_at_most_and_one_where_the_city_has_enough(fleet):
    apply_all(entry(n, city=(INNSBRUCK, NEARBY, VIENNA)[n % 3]) for n in range(1, 20))
    found = [plan for plan in plans(fleet.shard("c1"), lambda: similar_titles(limit=19)) if "catalog" in plan]
    assert [next(each for each in INDEXES if each in plan) for plan in found] == INDEXES
    assert not [plan for plan in found if "filesort" in plan or "TEMP B-TREE" in plan]
    found = [plan for plan in plans(fleet.shard("c1"), lambda: similar_titles(limit=5)) if "catalog" in plan]
    assert len(found) == 1


def test_rows_of_a_range_that_is_only_mirrored_are_not_shown(fleet):
    apply_all([entry(1), entry(2, city=INNSBRUCK + (1 << 18))])
    low = INNSBRUCK >> 18 << 18
    with on_shard("c1", write=True) as session:
        session.get(ScopeState, ("city", low)).mode = "mir"
    try:
        assert titles(Scope()) == ["Bicycle 2"]
    finally:
        with on_shard("c1", write=True) as session:
            session.get(ScopeState, ("city", low)).mode = "act"


def test_many_at_once_find_a_city_where_it_lives_now(fleet):
    """What this process believes of the city is old: the shard it asks first does not speak for it."""
    show(entry(1, city=VIENNA))
    fleet.placement.follow("city", fleet.placement.lookup("city", INNSBRUCK).lo, "u1")
    assert apply_all([entry(2), entry(1, city=VIENNA)]) == 1
    assert titles(Scope(city=INNSBRUCK)) == ["Bicycle 2"]


def test_tombstones_are_forgotten_after_their_time(fleet):
    one = entry(1)
    take_away(one, 2)
    assert forget_tombstones("c1", NOW) == 0
    assert forget_tombstones("c1", NOW + 1) == 1
    assert show(one)


@pytest.mark.parametrize("index", PREFIXES)
@pytest.mark.parametrize("after", [None, (NOW - DAY + 40, 1 << 40)], ids=["first page", "deep page"])
def test_each_page_is_one_range_of_its_index_without_a_sort(fleet, index, after):
    apply_all(entry(n, city=(INNSBRUCK, VIENNA)[n % 2]) for n in range(1, 80))
    values = {"country": "AT", "region": "AT.07", "city": INNSBRUCK, "section": "for-sale", "category": "bicycles"}
    scope = Scope(**{name: values[name] for name in PREFIXES[index]})
    plan = plans(fleet.shard("c1"), lambda: page(scope, after))[-1]
    assert index in plan
    assert "filesort" not in plan and "TEMP B-TREE" not in plan


def test_rows_by_id_are_looked_up_by_their_keys(fleet):
    entries = [entry(n) for n in range(1, 200)]
    apply_all(entries)
    wanted = [(each.city, each.listing) for each in entries[:60]]
    assert len(rows_by_ids(wanted)) == 60
    plan = plans(fleet.shard("c1"), lambda: rows_by_ids(wanted[:50]))[-1]
    assert "SCAN catalog_listing" not in plan
    assert "'ALL'" not in plan
