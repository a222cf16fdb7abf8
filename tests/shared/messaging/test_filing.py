"""What somebody has of his threads: the list, the pages, what is new, and what he deleted."""

import pytest

from shared import clock, messaging
from shared.errors import NotFound
from shared.messaging.filing import KEEP_DELETED_SECONDS
from shared.messaging.models import Message
from shared.messaging.notes import note_end
from shared.sharding import current, on_shard, read, transaction
from tests.factories import listings as goods
from tests.factories.messages import Pair, carry_all, copy_of, pair, texts, unread, write
from tests.factories.plans import plans

DAY = 86_400


@pytest.fixture
def both(fleet) -> Pair:
    return pair()


def change(both: Pair, owner: int, verb) -> None:
    with transaction(owner) as session:
        verb(session, copy_of(both, owner).id)


def see(both: Pair, owner: int, upto: int | None = None) -> None:
    """The owner is shown his copy, up to a number or all of it."""
    thread = copy_of(both, owner)
    with transaction(owner) as session:
        messaging.mark_read(session, thread.id, thread.last if upto is None else upto)


def titles(owner: int, folder: str = "inbox", **paging) -> list[int]:
    """The listings of the threads of a folder, in their order."""
    with read(owner) as session:
        return [each.listing for each in messaging.threads(session, folder, **paging)]


def purge() -> int:
    return sum(messaging.purge_deleted(shard) for shard in current().names("user"))


def rows(owner: int) -> int:
    with on_shard(current().placement.lookup("user", owner).shard) as session:
        return session.query(Message).filter_by(owner=owner).count()


def test_what_comes_in_is_counted_and_what_is_opened_is_not(both):
    another = both._replace(listing=goods.published(both.seller))
    for each in (both, both, another):
        write(each, both.buyer)
    carry_all()
    assert (unread(both.seller), copy_of(both, both.seller).unread) == (3, 2)
    for _ in range(2):
        see(both, both.seller)
    assert (unread(both.seller), copy_of(both, both.seller).unread) == (1, 0)
    assert unread(both.buyer) == 0


def test_what_came_in_while_the_rest_was_shown_stays_unread_and_is_mailed(both):
    another = both._replace(listing=goods.published(both.seller))
    for each in (both, both, another):
        write(each, both.buyer)
    carry_all()
    for _ in range(2):
        see(both, both.seller, upto=1)
        thread = copy_of(both, both.seller)
        assert (unread(both.seller), thread.unread, thread.news) == (2, 1, True)
        assert thread.mail_due_at is not None
    see(both, both.seller)
    see(both, both.seller, upto=1)
    thread = copy_of(both, both.seller)
    assert (unread(both.seller), thread.unread, thread.news, thread.mail_due_at) == (1, 0, False, None)


def test_a_note_about_his_listing_is_no_news_to_its_seller(both):
    write(both, both.buyer)
    carry_all()
    note_end(both.seller, both.listing, "expired", 77)
    carry_all()
    see(both, both.seller, upto=1)
    see(both, both.buyer, upto=1)
    assert (unread(both.seller), unread(both.buyer)) == (0, 1)


def test_threads_with_news_come_first_then_the_latest(both):
    pairs = [both, *(both._replace(listing=goods.published(both.seller)) for _ in range(3))]
    start = clock.now()
    for number, each in enumerate(pairs):
        with clock.freeze(start + number):
            write(each, both.buyer)
            carry_all()
    first, second, third, fourth = (each.listing for each in pairs)
    assert titles(both.seller) == [fourth, third, second, first]
    for each in (pairs[3], pairs[1]):
        see(each, both.seller)
    assert titles(both.seller) == [third, first, fourth, second]


def test_paging_through_the_list_shows_each_thread_once(both):
    with clock.freeze(clock.now()):
        pairs = [both._replace(listing=goods.published(both.seller)) for _ in range(7)]
        for each in pairs:
            write(each, both.buyer)
        carry_all()
    for each in pairs[::2]:
        see(each, both.seller)
    seen, after = [], None
    while True:
        with read(both.seller) as session:
            page = messaging.threads(session, after=after, limit=2)
        if not page:
            break
        seen += [each.listing for each in page]
        after = messaging.place(page[-1])
    assert seen == titles(both.seller)
    assert len(seen) == 7


def test_paging_through_a_thread_shows_each_message_once(both):
    for number in range(7):
        write(both, both.buyer, f"{number}!")
    carry_all()
    write(both, both.buyer, "on its way")
    thread, seen, before = copy_of(both, both.buyer), [], None
    while True:
        with read(both.buyer) as session:
            page = messaging.messages(session, thread, before, limit=3)
        if not page:
            break
        seen = [each.body for each in page] + seen
        before = page[0].number, page[0].id
    assert seen == [*(f"{number}!" for number in range(7)), "on its way"]


def test_what_is_newer_is_what_the_other_side_wrote_since(both):
    write(both, both.buyer, "One")
    carry_all()
    write(both, both.seller, "Two")
    write(both, both.seller, "Three")
    carry_all()
    write(both, both.buyer, "on its way")
    thread = copy_of(both, both.buyer)
    with read(both.buyer) as session:
        assert [each.body for each in messaging.newer(session, thread, 1)] == ["Two", "Three"]
        assert [each.body for each in messaging.newer(session, thread, 2)] == ["Three"]
        assert messaging.newer(session, thread, 3) == []


def test_the_archive_keeps_a_thread_until_the_next_message(both):
    write(both, both.buyer)
    carry_all()
    change(both, both.seller, messaging.archive)
    assert (titles(both.seller), titles(both.seller, "archive")) == ([], [both.listing])
    change(both, both.seller, messaging.restore)
    assert titles(both.seller) == [both.listing]
    change(both, both.seller, messaging.archive)
    write(both, both.buyer, "Hello?")
    carry_all()
    assert titles(both.seller) == [both.listing]


def test_a_deleted_copy_is_gone_for_its_owner_alone(both):
    write(both, both.buyer, "One")
    carry_all()
    thread = copy_of(both, both.seller)
    change(both, both.seller, messaging.delete_copy)
    assert (titles(both.seller), unread(both.seller)) == ([], 0)
    with read(both.seller) as session, pytest.raises(NotFound):
        messaging.thread(session, thread.id)
    assert texts(both, both.buyer) == ["One"]
    write(both, both.buyer, "Two")
    carry_all()
    assert texts(both, both.seller) == ["Two"]
    assert texts(both, both.buyer) == ["One", "Two"]
    assert unread(both.seller) == 1


def test_what_was_deleted_before_it_was_carried_over_still_arrives(both):
    write(both, both.buyer, "One")
    carry_all()
    write(both, both.seller, "Two")
    change(both, both.seller, messaging.delete_copy)
    carry_all()
    assert texts(both, both.buyer) == ["One", "Two"]


def test_deleted_rows_go_after_a_week_and_the_conversation_goes_on(both):
    write(both, both.buyer, "One")
    carry_all()
    change(both, both.seller, messaging.delete_copy)
    with clock.freeze(clock.now() + KEEP_DELETED_SECONDS - DAY):
        assert purge() == 0
    with clock.freeze(clock.now() + KEEP_DELETED_SECONDS + DAY):
        write(both, both.buyer, "Two")
        carry_all()
        assert rows(both.seller) == 2
        assert purge() == 1
        assert (rows(both.seller), purge()) == (1, 0)
        assert texts(both, both.seller) == ["Two"]
        write(both, both.seller, "Three")
        carry_all()
    assert texts(both, both.buyer) == ["One", "Two", "Three"]


def test_a_copy_deleted_at_home_and_purged_leaves_no_gap_that_stops_the_other(both):
    write(both, both.buyer, "One")
    carry_all()
    write(both, both.seller, "never carried")
    change(both, both.seller, messaging.delete_copy)
    with clock.freeze(clock.now() + KEEP_DELETED_SECONDS + DAY):
        purge()
    write(both, both.seller, "Two")
    carry_all()
    assert texts(both, both.buyer) == ["One", "Two"]


def test_whoever_is_forgotten_leaves_nothing_and_takes_nothing_from_others(both):
    write(both, both.buyer, "One")
    carry_all()
    with transaction(both.seller) as session:
        messaging.block(session, both.buyer, "Bo")
        messaging.forget_all(session)
    with read(both.seller) as session:
        assert list(messaging.export(session)) == []
    assert texts(both, both.buyer) == ["One"]


def test_a_download_has_what_was_said_and_who_is_blocked(both):
    write(both, both.buyer, "One")
    carry_all()
    write(both, both.seller, "Two")
    with transaction(both.seller) as session:
        messaging.block(session, both.buyer, "Bo")
    with read(both.seller) as session:
        found = [(each["kind"], each.get("text") or each.get("name")) for each in messaging.export(session)]
    assert found == [("received", "One"), ("sent", "Two"), ("block", "Bo")]


@pytest.mark.sqlite_plans
def test_the_list_and_the_page_are_read_from_indexes_without_sorting(both, fleet):
    write(both, both.buyer)
    carry_all()

    def look() -> None:
        with read(both.seller) as session:
            threads = messaging.threads(session)
            messaging.messages(session, threads[0])
            messaging.newer(session, threads[0], 0)
            messaging.blocks(session, both.buyer)

    found = plans(fleet.shard(fleet.placement.lookup("user", both.seller).shard), look)
    assert len(found) == 4
    assert not [plan for plan in found if "SCAN" in plan or "TEMP B-TREE" in plan]
