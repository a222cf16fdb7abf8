"""Buyers and sellers who write to each other, and the events that carry what they write."""

from typing import NamedTuple

from shared import events, messaging
from shared.events import ConversationAdvanced, MessageSent, Recorded
from shared.events.relay import number_pending
from shared.ids import owner_of
from shared.messaging import Message, Thread
from shared.sharding import OwnerSession, current, read, transaction
from tests.factories.accounts import user
from tests.factories.listings import published, seller

TITLE = "Red bicycle"


class Pair(NamedTuple):
    """A buyer and a seller on different shards, and what they talk about."""

    buyer: int
    seller: int
    listing: int

    def other(self, owner: int) -> int:
        """The one to whom `owner` writes."""
        return self.seller if owner == self.buyer else self.buyer


def pair(buyer: str = "Bo", owner: str = "Ada") -> Pair:
    """Bo asks, Ada sells, each on a shard of his own."""
    home, away = current().names("user")
    ada, bo = seller(owner, shard=home), seller(buyer, shard=away)
    return Pair(bo, ada, published(ada))


def open_thread(session: OwnerSession, pair: Pair) -> Thread:
    """The thread of the session's owner with the other of the pair."""
    other = pair.other(session.owner)
    name = "Ada" if other == pair.seller else "Bo"
    return messaging.open_thread(session, listing=pair.listing, other=other, other_name=name, title=TITLE)


def write(pair: Pair, author: int, body: str = "Is it still there?", **more) -> int:
    """Write a message that is not carried anywhere yet; returns its id."""
    with transaction(author) as session:
        return messaging.send(session, open_thread(session, pair), body, **more)


def offer(pair: Pair, author: int, amount: int = 10_000, currency: str = "EUR") -> int:
    """Offer an amount; returns the message's id."""
    with transaction(author) as session:
        return messaging.offer(session, open_thread(session, pair), amount, currency)


def answer(pair: Pair, author: int, verb: str) -> int:
    """Answer the last offer that the author's copy has; returns the message's id."""
    with transaction(author) as session:
        thread = open_thread(session, pair)
        last = [each for each in messaging.messages(session, thread) if each.kind == "offer"][-1]
        return messaging.answer(session, thread, last, verb)


def carry_all() -> None:
    """Hand over every event about messages, and those that follow from them, until all is quiet."""
    while waiting := pending():
        for each in waiting:
            carry(each)


def pending() -> list[Recorded]:
    """The events that no relay has numbered yet; they are numbered by this."""
    due = [each for shard in current().names("user") for each in number_pending(shard)]
    found = []
    for each in due:
        with read(owner_of(each.id)) as session:
            found.append(events.load(session, each.id))
    return found


def carry(recorded: Recorded) -> None:
    """What the consumers do with an event about messages; others are left alone."""
    event = recorded.event
    if isinstance(event, MessageSent):
        messaging.deliver(recorded.owner, event.message)
    elif isinstance(event, ConversationAdvanced):
        messaging.bring_up_to_date(recorded.owner, event.thread)


def talk(pair: Pair, owner: int) -> list[Message]:
    """The messages that the owner's copy has, in order; none when there is no copy."""
    with read(owner) as session:
        thread = messaging.find_thread(session, pair.listing, pair.other(owner))
        return messaging.messages(session, thread, limit=1000) if thread else []


def texts(pair: Pair, owner: int) -> list[str]:
    """What the owner's copy says, in order."""
    return [each.body for each in talk(pair, owner)]


def copy_of(pair: Pair, owner: int) -> Thread:
    """The owner's copy."""
    with read(owner) as session:
        found = messaging.find_thread(session, pair.listing, pair.other(owner))
    assert found is not None
    return found


def unread(owner: int) -> int:
    """How many messages wait for the owner, as every page's head says it."""
    return user(owner).unread
