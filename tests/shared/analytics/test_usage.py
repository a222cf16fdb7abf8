"""The week's figures: over all shards, since a moment, without anybody's name."""

import pytest

from shared import analytics, clock, listings, preferences
from shared.sharding import current, transaction
from tests.factories.accounts import configure, confirmed, pending
from tests.factories.listings import change, draft, published, seller
from tests.factories.plans import plans

DAY = 86_400
NOW = 1_800_000_000


def usage(since: int) -> dict[str, int]:
    return {figure.words: figure.amount for figure in analytics.usage(since)}


@pytest.fixture
def week(fleet) -> None:
    configure()
    with clock.freeze(NOW - 10 * DAY):
        published(seller())
    with clock.freeze(NOW - DAY):
        for number in range(5):
            listing = published(confirmed(f"{number}@example.org"))
            if number:
                change(listing, listings.mark_sold)
        pending()
        draft(seller(state="guest"))


def test_what_happened_is_counted_from_the_moment_on(week):
    found = usage(NOW - 7 * DAY)
    assert (found["listings published"], found["listings sold"], found["sign-ups"]) == (5, 4, 1)
    assert usage(NOW - 20 * DAY)["listings published"] == 6
    assert usage(NOW)["listings published"] == 0


def test_what_there_is_is_counted_over_all_shards(week):
    found = usage(NOW)
    assert found["open accounts"] == 6
    assert found["accounts to be confirmed"] == 1
    assert found["guests with a listing or a draft"] == 1
    assert found["listings on view"] == 2


def test_addresses_that_take_no_mail_are_counted_once_they_are_given_up(week):
    owner = confirmed("away@example.org")
    for day in range(preferences.DAYS_TO_STOP):
        assert usage(NOW)["addresses that take no mail"] == 0
        with clock.freeze(NOW + day * DAY), transaction(owner) as session:
            preferences.count(session, "away@example.org")
    assert usage(NOW)["addresses that take no mail"] == 1


def test_a_site_with_nobody_in_it_has_figures_too(fleet):
    assert set(usage(NOW).values()) == {0}


@pytest.mark.sqlite_plans
def test_listings_and_users_are_counted_in_an_index(week):
    for shard in current().names("user"):
        found = "\n".join(plans(current().shard(shard), lambda: analytics.usage(NOW)))
        assert "USING COVERING INDEX ix_user_state_created_at" in found
        assert "USING COVERING INDEX ix_listing_state_" in found
        assert "ix_event_at" in found
