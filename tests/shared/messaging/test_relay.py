"""Addresses for answering by mail: each leads into one thread, as one of its sides, until it is revoked."""

from pathlib import Path

import pytest

from shared import accounts, messaging
from shared.errors import Invalid, Throttled
from shared.messaging import NotTaken, RelayClosed
from shared.sharding import transaction
from tests.factories.accounts import configure
from tests.factories.messages import Pair, carry_all, copy_of, pair, talk, texts, unread, write
from tests.factories.settings import settings

KEY = b"k" * 16


@pytest.fixture
def both(fleet):
    configure()
    messaging.configure(settings(Path("/nonexistent"), mail_domain="in.example.org"))
    both = pair()
    write(both, both.buyer, "Is it there?")
    carry_all()
    yield both
    messaging.configure(settings(Path("/nonexistent")))


def address(both: Pair, owner: int) -> str:
    with transaction(owner) as session:
        return messaging.mint_relay(messaging.thread(session, copy_of(both, owner).id))


def token(both: Pair, owner: int) -> str:
    return address(both, owner).partition("@")[0]


def test_an_answer_by_mail_is_written_as_the_side_that_has_the_address(both):
    messaging.reply_by_mail(token(both, both.seller), "It is.", KEY)
    carry_all()
    messaging.reply_by_mail(token(both, both.buyer).upper(), "Good.", KEY)
    carry_all()
    assert texts(both, both.buyer) == texts(both, both.seller) == ["Is it there?", "It is.", "Good."]
    assert [each.mine for each in talk(both, both.buyer)] == [True, False, True]


def test_the_same_mail_again_writes_nothing(both):
    secret = token(both, both.seller)
    first = messaging.reply_by_mail(secret, "It is.", KEY)
    assert messaging.reply_by_mail(secret, "It is.", KEY) == first
    assert messaging.reply_by_mail(secret, "It is.", b"other mail's key") != first


def test_one_mail_to_two_threads_of_its_author_is_a_message_in_each(both):
    another = pair(owner="Cy")._replace(buyer=both.buyer)
    write(another, another.buyer)
    carry_all()
    for each in (both, another, both, another):
        messaging.reply_by_mail(token(each, both.buyer), "I come on Monday.", KEY)
    carry_all()
    for each in (both, another):
        assert texts(each, each.seller)[1:] == ["I come on Monday."]


def test_who_answers_by_mail_has_read_what_he_was_mailed_and_no_more(both):
    write(both, both.buyer, "Hello?")
    carry_all()
    with transaction(both.seller) as session:
        messaging.thread(session, copy_of(both, both.seller).id).mailed = 1
    messaging.reply_by_mail(token(both, both.seller), "It is.", KEY)
    assert unread(both.seller) == copy_of(both, both.seller).unread == 1


def test_each_side_and_thread_has_an_address_of_its_own_that_stays(both):
    another = pair()
    write(another, another.buyer)
    carry_all()
    found = [address(both, both.buyer), address(both, both.seller), address(another, another.seller)]
    assert found == [address(both, both.buyer), address(both, both.seller), address(another, another.seller)]
    assert len(set(found)) == 3
    assert {each.partition("@")[2] for each in found} == {"in.example.org"}
    # RFC 5321, 4.5.3.1.1
    assert all(len(each.partition("@")[0]) <= 64 for each in found)


def test_an_address_of_one_thread_does_not_open_another(both):
    another = both._replace(listing=both.listing + 1)
    write(another, both.buyer)
    carry_all()
    mixed = token(another, both.seller)[:14] + token(both, both.seller)[14:]
    with pytest.raises(RelayClosed):
        messaging.reply_by_mail(mixed, "It is.", KEY)


@pytest.mark.parametrize("wrong", ["", "x", "0" * 46, "f" * 46, "g" * 46, "../" * 15 + "a", "0" * 4000, "ſ" * 46])
def test_what_is_no_address_of_ours_leads_nowhere(both, wrong):
    with pytest.raises(RelayClosed):
        messaging.reply_by_mail(wrong, "It is.", KEY)


def test_a_guess_that_is_wrong_in_its_last_digit_leads_nowhere(both):
    secret = token(both, both.seller)
    for digit in "0123456789abcdef":
        if digit != secret[-1]:
            with pytest.raises(RelayClosed):
                messaging.reply_by_mail(secret[:-1] + digit, "It is.", KEY)


def test_blocking_revokes_the_address_and_refuses_the_other_side(both):
    mine, theirs = token(both, both.seller), token(both, both.buyer)
    with transaction(both.seller) as session:
        messaging.block(session, both.buyer, "Bo")
    with pytest.raises(RelayClosed):
        messaging.reply_by_mail(mine, "It is.", KEY)
    with pytest.raises(NotTaken, match="takes no messages from you"):
        messaging.reply_by_mail(theirs, "Hello?", KEY)
    with transaction(both.seller) as session:
        messaging.unblock(session, both.buyer)
    assert token(both, both.seller) != mine


def test_a_revoked_address_leads_nowhere_and_the_next_is_another(both):
    former = token(both, both.seller)
    with transaction(both.seller) as session:
        messaging.revoke_relay(messaging.thread(session, copy_of(both, both.seller).id))
    with pytest.raises(RelayClosed):
        messaging.reply_by_mail(former, "It is.", KEY)
    assert token(both, both.seller) != former


def test_a_closed_account_neither_answers_nor_is_answered(both):
    mine, theirs = token(both, both.seller), token(both, both.buyer)
    with transaction(both.seller) as session:
        accounts.close_account(session)
    with pytest.raises(RelayClosed):
        messaging.reply_by_mail(mine, "It is.", KEY)
    with pytest.raises(NotTaken, match="has closed the account"):
        messaging.reply_by_mail(theirs, "Hello?", KEY)


@pytest.mark.parametrize("text", ["", "  \n ", "\u202e"])
def test_a_mail_without_words_is_refused(both, text):
    with pytest.raises(Invalid):
        messaging.reply_by_mail(token(both, both.seller), text, KEY)


def test_a_mail_that_is_longer_than_a_message_is_cut(both):
    messaging.reply_by_mail(token(both, both.seller), "x" * 10_000, KEY)
    assert len(texts(both, both.seller)[-1]) == messaging.BODY_LONGEST


def test_mails_are_counted_like_messages(both):
    secret = token(both, both.seller)
    with pytest.raises(Throttled):
        for number in range(70):
            messaging.reply_by_mail(secret, "It is.", number.to_bytes(16, "big"))


def test_without_a_domain_of_its_own_the_site_gives_no_address(both):
    messaging.configure(settings(Path("/nonexistent")))
    assert address(both, both.seller) == ""
    assert not messaging.is_received()
