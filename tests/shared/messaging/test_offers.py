"""Offers: what each side may do with them, and that both copies agree on what became of them."""

import random

import pytest

from shared import messaging
from shared.errors import Conflict, Invalid
from shared.messaging import OfferOver
from tests.factories.messages import Pair, answer, carry, carry_all, offer, pair, pending, talk, write


@pytest.fixture
def both(fleet) -> Pair:
    """They have said hello, so that either side has a copy."""
    both = pair()
    write(both, both.buyer, "Hello")
    carry_all()
    return both


def story(both: Pair, owner: int) -> list[tuple[str, str]]:
    """Kind and state of each message but the greeting."""
    return [(each.kind, each.state) for each in talk(both, owner)[1:]]


@pytest.mark.parametrize(("verb", "state"), [("accept", "accepted"), ("decline", "declined")])
@pytest.mark.parametrize("author", ["buyer", "seller"])
def test_an_answer_settles_an_offer_in_both_copies(both, author, verb, state):
    one = getattr(both, author)
    offer(both, one)
    carry_all()
    answer(both, both.other(one), verb)
    carry_all()
    assert story(both, both.buyer) == story(both, both.seller) == [("offer", state), (verb, "")]


def test_an_offer_is_withdrawn_by_its_author_alone(both):
    offer(both, both.buyer)
    carry_all()
    with pytest.raises(Conflict):
        answer(both, both.seller, "withdraw")
    with pytest.raises(Conflict):
        answer(both, both.buyer, "accept")
    answer(both, both.buyer, "withdraw")
    carry_all()
    assert story(both, both.seller) == [("offer", "withdrawn"), ("withdraw", "")]
    with pytest.raises(OfferOver):
        answer(both, both.seller, "accept")


def test_a_later_offer_of_the_same_side_replaces_the_earlier_and_leaves_the_others_alone(both):
    offer(both, both.buyer, 8_000)
    offer(both, both.seller, 11_000)
    offer(both, both.buyer, 9_000)
    carry_all()
    for owner in (both.buyer, both.seller):
        states = {each.amount: each.state for each in talk(both, owner)[1:]}
        assert states == {8_000: "replaced", 11_000: "open", 9_000: "open"}


@pytest.mark.parametrize("seed", range(6))
def test_answers_that_cross_are_decided_alike_in_both_copies(both, seed):
    offer(both, both.buyer)
    carry_all()
    answer(both, both.seller, "accept")
    answer(both, both.buyer, "withdraw")
    waiting, dice = pending(), random.Random(seed)
    while waiting:
        dice.shuffle(waiting)
        carry(waiting.pop())
        waiting += pending()
    # The seller's copy is the home: what he said there was first.
    expected = [("offer", "accepted"), ("accept", ""), ("withdraw", "late")]
    assert story(both, both.buyer) == story(both, both.seller) == expected
    late = talk(both, both.seller)[-1]
    assert messaging.said(late, "Bo") == (
        "Bo withdraws the offer of €100. It came too late: the offer was over by then."
    )


def test_two_answers_of_the_same_side_count_once(both):
    offer(both, both.seller)
    carry_all()
    answer(both, both.buyer, "accept")
    answer(both, both.buyer, "decline")
    carry_all()
    assert story(both, both.seller) == [("offer", "accepted"), ("accept", ""), ("decline", "late")]


@pytest.mark.parametrize("amount", [0, -1, 10**12 + 1])
def test_an_amount_that_is_none_is_refused(both, amount):
    with pytest.raises(Invalid):
        offer(both, both.buyer, amount)


def test_an_offer_that_is_not_numbered_yet_cannot_be_answered(both):
    offer(both, both.buyer)
    with pytest.raises(OfferOver):
        answer(both, both.buyer, "withdraw")


def test_what_an_offer_says_to_either_side(both):
    offer(both, both.buyer, 12_050)
    carry_all()
    assert messaging.said(talk(both, both.buyer)[1], "Ada") == "You offered €120.50."
    assert messaging.said(talk(both, both.seller)[1], "Bo") == "Bo offers €120.50."
