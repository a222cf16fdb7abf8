"""Two copies of a conversation on two shards: whatever the events' order and number, both say the same in the end."""

import contextlib
import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import event

from shared import accounts, listings, messaging
from shared.errors import NotFound
from shared.events import MessageReceived, MessageSent, Recorded
from shared.ids import owner_of
from shared.messaging import WAITING
from shared.messaging.models import Message, Thread
from shared.sharding import OwnerSession, once, read, transaction
from tests.factories import listings as goods
from tests.factories.accounts import events as recorded
from tests.factories.listings import guest_draft
from tests.factories.messages import (
    Pair,
    carry,
    carry_all,
    copy_of,
    open_thread,
    pair,
    pending,
    talk,
    texts,
    unread,
    write,
)


@pytest.fixture
def both(fleet) -> Pair:
    return pair()


def everything(both: Pair) -> list[str]:
    """All rows of both sides."""
    found = []
    for owner in (both.buyer, both.seller):
        with read(owner) as session:
            for table in (Thread, Message):
                for row in session.query(table).filter_by(owner=owner).order_by(table.id):
                    found.append(str({c.key: getattr(row, c.key) for c in table.__table__.columns}))
    return found


def test_a_question_and_its_answer_stand_in_both_copies(both):
    write(both, both.buyer, "Is it there?")
    carry_all()
    write(both, both.seller, "It is.")
    carry_all()
    assert texts(both, both.buyer) == texts(both, both.seller) == ["Is it there?", "It is."]
    assert [each.mine for each in talk(both, both.buyer)] == [True, False]
    assert [each.mine for each in talk(both, both.seller)] == [False, True]
    assert copy_of(both, both.seller).other_name == "Bo"
    assert copy_of(both, both.buyer).other_name == "Ada"


def test_what_the_home_has_not_numbered_stands_last_until_it_has(both):
    write(both, both.buyer, "One")
    (waiting,) = talk(both, both.buyer)
    assert waiting.number >= WAITING
    carry_all()
    assert [each.number for each in talk(both, both.buyer)] == [1]


def test_an_event_that_comes_again_changes_nothing(both):
    write(both, both.buyer, "One")
    first = pending()
    for each in first:
        carry(each)
    second = pending()
    for each in second:
        carry(each)
    before = everything(both)
    for each in [*first, *second, *second, *first]:
        carry(each)
    assert everything(both) == before
    assert pending() == []


@pytest.mark.parametrize("author", ["buyer", "seller"])
def test_a_message_that_overtakes_its_predecessor_brings_it_along(both, author):
    owner = getattr(both, author)
    if author == "seller":
        write(both, both.buyer, "Zero")
        carry_all()
    for body in ("One", "Two", "Three"):
        write(both, owner, body)
    sent = [each for each in pending() if isinstance(each.event, MessageSent)]
    carry(sent[-1])
    assert texts(both, both.other(owner))[-3:] == ["One", "Two", "Three"]
    for each in sent[:-1]:
        carry(each)
    carry_all()
    assert texts(both, both.buyer) == texts(both, both.seller)
    assert texts(both, owner)[-3:] == ["One", "Two", "Three"]


@pytest.mark.parametrize("seed", range(12))
def test_both_copies_agree_whatever_order_the_events_come_in(both, seed):
    dice, waiting, written = random.Random(seed), [], []
    for number in range(30):
        author = dice.choice((both.buyer, both.seller))
        if author == both.seller and not talk(both, both.seller):
            author = both.buyer
        written.append((author, f"{number}!"))
        write(both, author, f"{number}!")
        waiting += pending()
        dice.shuffle(waiting)
        for _ in range(dice.randrange(3)):
            if waiting:
                carry(waiting[-1])
                waiting = waiting[:-1] if dice.random() < 0.8 else waiting  # some come again
    while waiting:
        carry(waiting.pop())
        waiting += pending()
        dice.shuffle(waiting)
    buyer, seller = texts(both, both.buyer), texts(both, both.seller)
    assert buyer == seller
    assert sorted(buyer) == sorted(body for _, body in written)
    for owner in (both.buyer, both.seller):
        mine = [each.body for each in talk(both, owner) if each.mine]
        assert mine == [body for author, body in written if author == owner]
        assert [each.number for each in talk(both, owner)] == list(range(1, 31))


def test_many_workers_at_once_carry_each_message_once(both):
    for number in range(12):
        write(both, both.buyer, f"{number}!")
    waiting = pending()
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(carry, [*waiting, *waiting]))
    carry_all()
    expected = [f"{number}!" for number in range(12)]
    assert texts(both, both.seller) == texts(both, both.buyer) == expected


@pytest.mark.parametrize("commits", range(1, 9))
def test_whoever_carries_may_be_killed_after_any_commit(both, commits):
    write(both, both.buyer, "Zero")
    carry_all()
    for author, body in ((both.buyer, "One"), (both.seller, "Two"), (both.buyer, "Three"), (both.seller, "Four")):
        write(both, author, body)
    events = pending()
    with killed_after(commits), contextlib.suppress(Killed):
        carry_with_what_follows(events)
    carry_with_what_follows(events)
    buyer, seller = texts(both, both.buyer), texts(both, both.seller)
    assert buyer == seller
    assert sorted(buyer) == ["Four", "One", "Three", "Two", "Zero"]
    assert buyer.index("One") < buyer.index("Three") and buyer.index("Two") < buyer.index("Four")
    assert (unread(both.buyer), unread(both.seller)) == (2, 3)
    assert [each.type for each in recorded(both.seller)].count("MessageReceived") == 3


class Killed(BaseException):
    """What no handler of ours catches."""


@contextlib.contextmanager
def killed_after(commits: int) -> Iterator[None]:
    """End the work after so many transactions of owners have committed."""
    left = iter(range(commits - 1))

    def count(_session: OwnerSession) -> None:
        if next(left, None) is None:
            raise Killed

    event.listen(OwnerSession, "after_commit", count)
    try:
        yield
    finally:
        event.remove(OwnerSession, "after_commit", count)


def carry_with_what_follows(events: list[Recorded]) -> None:
    """Hand over these events and those that follow from them, which are appended."""
    for each in events:
        carry(each)
        events += pending()


def test_a_repeated_request_writes_one_message_and_one_event(both):
    def work(session):
        return messaging.send(session, open_thread(session, both), "Is it there?")

    assert once(both.buyer, b"k" * 16, work) == once(both.buyer, b"k" * 16, work)
    assert len(talk(both, both.buyer)) == 1
    assert [each.type for each in recorded(both.buyer)] == ["MessageSent"]


def test_the_recipients_shard_records_what_came_in(both):
    message = write(both, both.buyer, "Is it there?")
    carry_all()
    received = [each for each in recorded(both.seller) if each.type == "MessageReceived"]
    assert [each.body for each in received] == [
        {
            "message": talk(both, both.seller)[0].id,
            "thread": copy_of(both, both.seller).id,
            "sender": both.buyer,
            "listing": both.listing,
        }
    ]
    assert message not in received[0].body.values()
    assert MessageReceived.__name__ not in [each.type for each in recorded(both.buyer)]


def test_a_guest_who_sells_gets_his_copy(fleet):
    listing = guest_draft("key")
    goods.change(listing, listings.ask_manage_link, "guest@example.org")
    both = Pair(goods.seller("Bo"), owner_of(listing), listing)
    write(both, both.buyer, "Is it there?")
    carry_all()
    assert texts(both, both.seller) == ["Is it there?"]


def test_a_message_to_a_closed_account_is_marked_as_not_delivered(both):
    write(both, both.buyer, "Is it there?")
    with transaction(both.seller) as session:
        accounts.close_account(session)
    carry_all()
    assert [each.state for each in talk(both, both.buyer)] == ["closed"]
    assert talk(both, both.seller) == []


def test_an_answer_to_a_closed_account_is_marked_as_not_delivered(both):
    write(both, both.buyer, "Is it there?")
    carry_all()
    with transaction(both.buyer) as session:
        accounts.close_account(session)
    write(both, both.seller, "It is.")
    carry_all()
    assert [each.state for each in talk(both, both.seller)] == ["", "closed"]
    assert texts(both, both.buyer) == ["Is it there?"]


@pytest.mark.parametrize("blocker", ["buyer", "seller"])
def test_who_is_blocked_reaches_the_other_only_after_it_is_undone(both, blocker):
    write(both, both.buyer, "One")
    carry_all()
    one = getattr(both, blocker)
    other = both.other(one)
    with transaction(one) as session:
        messaging.block(session, other, "The other")
        messaging.block(session, other, "The other")
    write(both, other, "Two")
    carry_all()
    assert texts(both, one) == ["One"]
    assert [each.state for each in talk(both, other)] == ["", "blocked"]
    with transaction(one) as session, pytest.raises(messaging.NotTaken):
        messaging.send(session, open_thread(session, both), "Two and a half")
    with transaction(one) as session:
        messaging.unblock(session, other)
    write(both, other, "Three")
    carry_all()
    assert texts(both, one) == ["One", "Three"]
    write(both, one, "Four")
    carry_all()
    assert texts(both, other) == ["One", "Two", "Three", "Four"]


def test_nobody_reads_a_thread_of_others(both):
    write(both, both.buyer, "Is it there?")
    carry_all()
    thread = copy_of(both, both.seller)
    for stranger in (both.buyer, goods.seller("Eve")):
        with read(stranger) as session, pytest.raises(NotFound):
            messaging.thread(session, thread.id)


def test_the_same_two_have_a_thread_for_each_listing(both):
    another = both._replace(listing=goods.published(both.seller))
    write(both, both.buyer, "The first?")
    write(another, both.buyer, "The second?")
    carry_all()
    assert texts(both, both.seller) == ["The first?"]
    assert texts(another, both.seller) == ["The second?"]
