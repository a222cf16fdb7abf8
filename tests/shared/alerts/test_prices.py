"""A favourite that costs noticeably less is news for everybody who saved it, wherever they live, and once."""

import pytest
from sqlalchemy import select

from shared import alerts, clock, ids, listings
from shared.alerts import PriceDrop
from shared.sharding import read, unit_of_work
from tests.factories.alerts import favourite
from tests.factories.listings import change, details, published, seller, sellers_everywhere

LATER = 3600


def priced(listing: int, amount: int | None, **more) -> int:
    """Ask another price for the listing; for how many that is news."""
    change(listing, listings.edit, details(price_amount=amount, **more))
    with read(ids.owner_of(listing)) as session:
        document = listings.search_document(session, listing)
    assert document is not None
    return alerts.note_price(document)


def drops(owner: int) -> list[tuple[int, int]]:
    with read(owner) as session:
        rows = session.scalars(select(PriceDrop).where(PriceDrop.owner == owner).order_by(PriceDrop.amount.desc()))
        return [(row.before, row.amount) for row in rows]


def test_friends_on_every_shard_are_told_before_and_after(fleet):
    listing, friends = published(seller()), sellers_everywhere(4)
    for each in friends:
        favourite(each, listing)
    assert priced(listing, 9_000) == 4
    assert [drops(each) for each in friends] == [[(12_000, 9_000)]] * 4


def test_the_same_news_twice_is_told_once(fleet):
    listing, friend = published(seller()), seller()
    favourite(friend, listing)
    assert [priced(listing, 9_000), priced(listing, 9_000)] == [1, 0]
    assert drops(friend) == [(12_000, 9_000)]


def test_small_steps_are_news_once_they_have_added_up(fleet):
    listing, friend = published(seller()), seller()
    favourite(friend, listing)
    assert [priced(listing, amount) for amount in (11_700, 11_401, 11_400)] == [0, 0, 1]
    assert drops(friend) == [(12_000, 11_400)]


def test_up_and_down_again_is_no_news(fleet):
    listing, friend = published(seller()), seller()
    favourite(friend, listing)
    assert [priced(listing, amount) for amount in (9_000, 15_000, 9_000, 8_000)] == [1, 0, 0, 1]
    assert drops(friend) == [(12_000, 9_000), (9_000, 8_000)]


@pytest.mark.parametrize(("saved_at", "currency"), [(20_000, "USD"), (None, None)])
def test_only_prices_of_one_currency_are_compared(fleet, saved_at, currency):
    listing, friend = published(seller()), seller()
    favourite(friend, listing, saved_at, currency)
    assert priced(listing, 5_000) == 0


def test_a_price_on_request_is_none_that_could_have_fallen(fleet):
    listing, friend = published(seller()), seller()
    favourite(friend, listing)
    assert priced(listing, None, price_kind="ask") == 0


def test_one_s_own_price_is_no_news(fleet):
    owner = seller()
    listing = published(owner)
    favourite(owner, listing)
    assert priced(listing, 5_000) == 0


def test_a_favourite_that_is_forgotten_is_no_news(fleet):
    listing, friend = published(seller()), seller()
    favourite(friend, listing)
    unit_of_work(friend, lambda session: listings.remove_favourite(session, listing))
    assert priced(listing, 5_000) == 0


def test_several_drops_are_one_mail_from_the_first_price(fleet):
    first, second, friend = published(seller()), published(seller()), seller()
    for each in (first, second):
        favourite(friend, each)
    now = clock.now()
    with clock.freeze(now):
        for listing, amount in ((first, 10_000), (first, 8_000), (second, 9_000)):
            priced(listing, amount)
        assert unit_of_work(friend, alerts.gather) == 0
    with clock.freeze(now + LATER):
        assert [unit_of_work(friend, alerts.gather), unit_of_work(friend, alerts.gather)] == [1, 0]
    with read(friend) as session:
        batch = session.scalars(select(PriceDrop.batch).where(PriceDrop.owner == friend)).first()
        told = {each.listing: each.before for each in alerts.dropped(session, batch)}
    assert told == {first: 12_000, second: 12_000}


def test_a_listing_that_is_saved_anew_can_be_news_at_a_price_that_was_told_before(fleet):
    listing, friend = published(seller()), seller()
    favourite(friend, listing)
    priced(listing, 9_000)
    unit_of_work(friend, lambda session: listings.remove_favourite(session, listing))
    priced(listing, 14_000)
    favourite(friend, listing, 14_000)
    assert priced(listing, 9_000) == 1
    assert drops(friend) == [(14_000, 9_000)]
