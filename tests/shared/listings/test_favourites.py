"""Favourites live with the one who likes, once for each listing."""

import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from shared import listings
from shared.errors import Conflict
from shared.sharding import read, transaction, unit_of_work
from tests.factories.listings import VIENNA, seller

LISTING = 77 << 22 | 1


def save(owner: int, listing: int = LISTING) -> bool:
    return unit_of_work(owner, lambda session: listings.add_favourite(session, listing, VIENNA))


def saved(owner: int) -> list[int]:
    with read(owner) as session:
        return [each.listing for each in listings.favourites(session)]


def test_a_listing_is_saved_once_however_often_it_is_asked(fleet):
    owner = seller()
    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(lambda _: save(owner), range(4))) == 1
    assert saved(owner) == [LISTING]


def test_a_full_list_says_so(fleet, monkeypatch):
    monkeypatch.setattr(sys.modules["shared.listings.favourites"], "MOST_FAVOURITES", 1)
    owner = seller()
    assert save(owner)
    assert not save(owner), "what is saved already is no surplus"
    with pytest.raises(Conflict, match="as many as there can be"):
        save(owner, LISTING + 1)


def test_favourites_come_latest_first_in_pages_and_can_be_forgotten(fleet):
    owner = seller()
    for number in range(1, 6):
        save(owner, 77 << 22 | number)
    with transaction(owner) as session:
        listings.remove_favourite(session, 77 << 22 | 3)
        listings.remove_favourite(session, 77 << 22 | 3)
    with read(owner) as session:
        first = listings.favourites(session, limit=2)
        second = listings.favourites(session, before=first[-1].id, limit=2)
    assert [each.listing & 7 for each in (*first, *second)] == [5, 4, 2, 1]
