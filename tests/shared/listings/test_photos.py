"""Photos as rows: in order, at most twelve, the first one is the cover."""

import pytest

from shared import listings
from shared.errors import NotFound
from shared.ids import owner_of
from shared.listings.errors import TooManyPhotos
from shared.sharding import read
from tests.factories.listings import MANIFEST, change, draft, load, seller

SIZE = {"width": 1280, "height": 960, "manifest": MANIFEST}


@pytest.fixture
def listing(fleet) -> int:
    return draft(seller())


def order(listing: int) -> list[int]:
    with read(owner_of(listing)) as session:
        photos = listings.photos_of(session, listing)
        assert [photo.position for photo in photos] == list(range(len(photos)))
        assert load(session, listing).photo_count == len(photos)
        return [photo.id for photo in photos]


def test_photos_are_moved_removed_and_close_ranks(listing):
    one, two, three = (change(listing, listings.add_photo, **SIZE) for _ in range(3))
    change(listing, listings.reorder, three, 0)
    assert order(listing) == [three, one, two]
    change(listing, listings.reorder, three, 99)
    assert order(listing) == [one, two, three]
    change(listing, listings.remove_photo, two)
    assert order(listing) == [one, three]


def test_a_thirteenth_photo_is_refused(listing):
    for _ in range(12):
        change(listing, listings.add_photo, **SIZE)
    with pytest.raises(TooManyPhotos):
        change(listing, listings.add_photo, **SIZE)
    assert len(order(listing)) == 12


def test_the_description_of_a_photo_is_one_clean_line(listing):
    photo = change(listing, listings.add_photo, **SIZE)
    change(listing, listings.set_alt, photo, " from\nthe left\u202e " + "x" * 200)
    with read(owner_of(listing)) as session:
        assert listings.photos_of(session, listing)[0].alt == ("from the left " + "x" * 200)[:120]


def test_another_listings_photo_is_not_found(listing):
    other = draft(owner_of(listing))
    photo = change(other, listings.add_photo, **SIZE)
    for verb, arguments in ((listings.remove_photo, ()), (listings.reorder, (0,)), (listings.set_alt, ("x",))):
        with pytest.raises(NotFound):
            change(listing, verb, photo, *arguments)
