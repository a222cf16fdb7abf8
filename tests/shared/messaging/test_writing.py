"""What can be written, and what the site writes into threads by itself."""

import pytest

from shared import listings, messaging
from shared.errors import Invalid
from shared.events import MessageSent
from shared.messaging.errors import CannotWriteToYourself
from shared.messaging.notes import note_end
from shared.sharding import read, transaction
from tests.factories import listings as goods
from tests.factories.messages import Pair, carry_all, copy_of, pair, pending, talk, unread, write
from tests.factories.plans import plans


@pytest.fixture
def both(fleet) -> Pair:
    return pair()


@pytest.mark.parametrize("body", ["", "  \n ", "x" * 4001, "\u202e"])
def test_an_empty_or_overlong_message_is_refused_and_nothing_is_written(both, body):
    with pytest.raises(Invalid):
        write(both, both.buyer, body)
    assert talk(both, both.buyer) == []
    assert MessageSent not in {type(each.event) for each in pending()}


def test_nobody_writes_to_himself(both):
    with transaction(both.seller) as session, pytest.raises(CannotWriteToYourself):
        messaging.open_thread(session, listing=both.listing, other=both.seller, other_name="Ada", title="Mine")


def test_the_end_of_a_listing_is_noted_once_in_each_of_its_threads(both):
    second = Pair(goods.seller("Cy"), both.seller, both.listing)
    elsewhere = both._replace(listing=goods.published(both.seller))
    for each in (both, second, elsewhere):
        write(each, each.buyer, "Is it there?")
    carry_all()
    goods.change(both.listing, listings.mark_sold)
    (sold,) = pending()
    for _ in range(2):
        note_end(both.seller, both.listing, "sold", sold.id)
    carry_all()
    for each in (both, second):
        for owner in (each.buyer, each.seller):
            assert [message.kind for message in talk(each, owner)] == ["text", "note"]
            assert messaging.said(talk(each, owner)[1], "Ada") == "The seller has marked the listing as sold."
    assert [message.kind for message in talk(elsewhere, both.buyer)] == ["text"]


def test_a_note_is_news_for_the_buyer_alone_and_no_mail_tells_of_it(both):
    write(both, both.buyer, "Is it there?")
    carry_all()
    before = unread(both.seller)
    note_end(both.seller, both.listing, "expired", 77)
    carry_all()
    assert unread(both.buyer) == 1
    assert unread(both.seller) == before
    assert copy_of(both, both.buyer).mail_due_at is None


def test_more_threads_than_are_noted_at_once_are_all_noted(both, monkeypatch):
    monkeypatch.setattr("shared.messaging.notes._AT_ONCE", 2)
    pairs = [Pair(goods.seller(f"B{number}"), both.seller, both.listing) for number in range(5)]
    for each in pairs:
        write(each, each.buyer)
    carry_all()
    note_end(both.seller, both.listing, "sold", 77)
    carry_all()
    assert [talk(each, each.buyer)[-1].kind for each in pairs] == ["note"] * 5


@pytest.mark.sqlite_plans
def test_a_download_reads_the_messages_of_its_owner_alone(both, fleet):
    write(both, both.buyer)
    carry_all()

    def download() -> list[object]:
        with read(both.buyer) as session:
            return list(messaging.export(session))

    found = plans(fleet.shard(fleet.placement.lookup("user", both.buyer).shard), download)
    assert len(found) == 3
    assert not [plan for plan in found if "SCAN" in plan]
