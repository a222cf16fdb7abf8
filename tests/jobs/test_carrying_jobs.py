"""Messages carried by relay and workers, while a part of the site is away."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import text

from jobs import relay
from shared import clock
from shared.sharding import current
from tests.factories.consumers import work
from tests.factories.messages import pair, texts, unread, write


@contextmanager
def away(owner: int) -> Iterator[None]:
    """While the block runs, nothing can be read or written of anybody's messages on the owner's shard."""
    shard = current().shard(current().placement.lookup("user", owner).shard)
    _rename(shard, "message_thread", "away")
    try:
        yield
    finally:
        _rename(shard, "away", "message_thread")


def _rename(shard, name: str, to: str) -> None:
    with shard.writer.begin() as connection:
        connection.execute(text(f"ALTER TABLE {name} RENAME TO {to}"))


def work_off(redis) -> None:
    """Relay and do whatever is due now."""
    while relay.relay_once(redis):
        work(redis)


def test_what_was_written_while_the_other_shard_was_away_for_an_hour_arrives_in_order(fleet, redis):
    both, start = pair(), clock.now()
    words = [f"Question {number}" for number in range(5)]
    with away(both.seller):
        for number, body in enumerate(words):
            with clock.freeze(start + 600 * number):
                write(both, both.buyer, body)
                work_off(redis)
        assert texts(both, both.buyer) == words
    with clock.freeze(start + 2 * 3600):
        work_off(redis)
    assert texts(both, both.seller) == texts(both, both.buyer) == words
    assert unread(both.seller) == 5
