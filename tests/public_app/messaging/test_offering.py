"""Offering an amount on the page of a thread, and answering it."""

import pytest

from shared import ids, listings, messaging
from shared.sharding import transaction
from tests.factories import listings as goods
from tests.factories.messages import Pair, carry_all, copy_of, offer, talk, write
from tests.factories.visitors import forms


@pytest.fixture
def talking(both) -> Pair:
    write(both, both.buyer)
    carry_all()
    return both


def make(visitor, amount: str):
    """Send the page's offer form."""
    at = next(n for n, form in enumerate(forms(visitor.page.text)) if form.action.endswith("/offer"))
    return visitor.send(form=at, amount=amount)


def test_an_offer_is_made_and_accepted(bo, ada, talking, path):
    bo.open(path(talking.buyer))
    assert "Your offer of €99.50 is on its way." in make(bo, "99,50").text
    carry_all()
    shown = ada.open(path(talking.seller)).text
    assert "Bo offers €99.50." in shown
    assert "Open: not answered yet." in shown
    assert "You accept the offer." in ada.send("accept").text
    carry_all()
    shown = bo.open(path(talking.buyer)).text
    assert "Ada accepts the offer of €99.50." in shown
    assert "It binds nobody" in shown
    assert "withdraw" not in [value for form in forms(shown) for value in form.pressed()]


def test_a_seller_makes_an_offer_too_and_the_buyer_declines_it(bo, ada, talking, path):
    ada.open(path(talking.seller))
    make(ada, "110")
    carry_all()
    bo.open(path(talking.buyer))
    bo.send("decline")
    carry_all()
    assert "Declined." in ada.open(path(talking.seller)).text


def test_an_offer_whose_answer_is_on_its_way_cannot_be_answered_again(bo, talking, path):
    offer(talking, talking.seller)
    carry_all()
    bo.open(path(talking.buyer))
    bo.send("decline")
    assert "accept" not in [value for form in forms(bo.open(path(talking.buyer)).text) for value in form.pressed()]


def test_an_answer_that_comes_too_late_is_told_in_words(bo, ada, talking, path):
    offer(talking, talking.buyer)
    carry_all()
    ada.open(path(talking.seller))
    bo.open(path(talking.buyer))
    bo.send("withdraw")
    carry_all()
    late = ada.send("accept")
    assert late.status_code == 422
    assert "This offer is over." in late.text
    assert [each.kind for each in talk(talking, talking.seller)] == ["text", "offer", "withdraw"]


@pytest.mark.parametrize("amount", ["", "0", "-5", "cheap", "1e9", "9" * 30, "12.3456", "\u202e12"])
def test_an_amount_that_is_none_is_told_in_words_and_nothing_is_sent(bo, talking, path, amount):
    bo.open(path(talking.buyer))
    answer = make(bo, amount)
    if amount == "\u202e12":  # a character that nobody sees
        assert answer.status_code == 200
        return
    assert answer.status_code == 422
    assert len(talk(talking, talking.buyer)) == 1


def test_for_what_is_sold_or_free_no_amount_is_offered(bo, talking, path):
    goods.change(talking.listing, listings.mark_sold)
    assert "Make an offer" not in bo.open(path(talking.buyer)).text
    token = forms(bo.page.text)[0].fields
    sent = bo.client.post(f"{path(talking.buyer)}/offer", data={**token, "amount": "5"})
    assert sent.status_code == 422
    free = talking._replace(listing=goods.published(talking.seller, price_kind="free", price_amount=None))
    write(free, free.buyer)
    assert "Make an offer" not in bo.open(f"/account/messages/{ids.public(copy_of(free, free.buyer).id)}").text


@pytest.mark.parametrize("message", ["", "0", "x", "9007199254740992", "1"])
def test_an_answer_to_what_is_no_offer_is_refused(bo, talking, path, message):
    bo.open(path(talking.buyer))
    data = {**forms(bo.page.text)[0].fields, "message": message, "verb": "accept"}
    assert bo.client.post(f"{path(talking.buyer)}/answer", data=data).status_code in (404, 422)
    assert len(talk(talking, talking.buyer)) == 1


def test_an_offer_on_a_page_of_older_messages_is_answered_there(ada, talking, path):
    offer(talking, talking.buyer)
    for number in range(messaging.PAGE):
        write(talking, talking.buyer, f"number {number}!")
    carry_all()
    before = ada.open(path(talking.seller)).text.partition("?before=")[2].partition('"')[0]
    ada.open(f"{path(talking.seller)}?before={before}")
    ada.send("accept")
    carry_all()
    assert talk(talking, talking.buyer)[1].state == "accepted"


def test_whom_one_has_blocked_one_does_not_answer(ada, talking, path):
    offer(talking, talking.buyer)
    carry_all()
    ada.open(f"{path(talking.seller)}/block")
    shown = ada.send().text
    assert "Bo offers €100." in shown
    assert "accept" not in [value for form in forms(shown) for value in form.pressed()]
    assert "Answer the offer" not in shown


def test_who_is_blocked_makes_no_offer_and_one_on_its_way_does_not_arrive(bo, talking, path):
    bo.open(path(talking.buyer))
    offer(talking, talking.buyer)
    with transaction(talking.seller) as session:
        messaging.block(session, talking.buyer, "Bo")
    refused = make(bo, "99,50")
    assert refused.status_code == 422 and "Ada takes no messages from you." in refused.text
    carry_all()
    assert [each.state for each in talk(talking, talking.buyer)] == ["", "blocked"]
    assert [each.kind for each in talk(talking, talking.seller)] == ["text"]
