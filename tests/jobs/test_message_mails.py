"""Mails about messages: one at once, the next ones gathered, none for what was read; answered without an address."""

import pytest

from jobs import mailing, message_mails
from shared import accounts, clock, listings, messaging, preferences
from shared.gateways.mail import MailError, StoredMail
from shared.ids import owner_of
from shared.messaging import GATHER_SECONDS
from shared.preferences import Kind
from shared.sharding import transaction
from tests.factories import listings as goods
from tests.factories.accounts import confirmed
from tests.factories.mails import run_consumers
from tests.factories.messages import TITLE, Pair, copy_of, offer, texts, write
from tests.factories.settings import settings


@pytest.fixture
def both(maildir) -> Pair:
    """Bo asks, Ada sells; both have mailboxes."""
    buyer, seller = confirmed("bo@example.org", name="Bo"), confirmed("ada@example.org", name="Ada")
    return Pair(buyer, seller, goods.published(seller))


@pytest.fixture
def mail_comes_in(tmp_path):
    """Answers by mail reach the site."""
    messaging.configure(settings(tmp_path, mail_domain="in.example.org"))
    yield
    messaging.configure(settings(tmp_path))


def arrive(both: Pair, author: int, *bodies: str, **more) -> None:
    """Write messages and do all that follows from them."""
    for body in bodies:
        write(both, author, body, **more)
    while run_consumers():
        pass


def told(maildir) -> list[StoredMail]:
    """The mails about messages, the longest last."""
    found = [maildir.message(each.key) for each in maildir.messages() if f"about: {TITLE}" in each.subject]
    return sorted(found, key=lambda mail: len(mail.text))


def test_a_message_is_mailed_at_once_to_the_other_side(maildir, both):
    arrive(both, both.buyer, "Is it <b>still</b> there?")
    (mail,) = told(maildir)
    assert (mail.to, mail.subject) == ("ada@example.org", f"Bo wrote about: {TITLE}")
    assert "Is it <b>still</b> there?" in mail.text
    assert "&lt;b&gt;still" in mail.html
    assert "bo@example.org" not in str(mail.headers) + mail.text + mail.html
    assert "List-Unsubscribe" in mail.headers


def test_what_follows_is_gathered_into_one_mail(maildir, both):
    arrive(both, both.buyer, "One")
    arrive(both, both.buyer, "Two")
    arrive(both, both.buyer, "Three")
    assert len(told(maildir)) == 1
    with clock.freeze(clock.now() + GATHER_SECONDS - 60):
        assert message_mails.mail_gathered() == "0 mails about messages"
    with clock.freeze(clock.now() + GATHER_SECONDS):
        assert message_mails.mail_gathered() == "1 mails about messages"
        assert message_mails.mail_gathered() == "0 mails about messages"
    second = told(maildir)[-1]
    assert second.subject == f"2 messages from Bo about: {TITLE}"
    assert "Two" in second.text and "Three" in second.text and "One" not in second.text


def test_what_was_read_meanwhile_is_not_mailed(maildir, both):
    arrive(both, both.buyer, "One")
    arrive(both, both.buyer, "Two")
    thread = copy_of(both, both.seller)
    with transaction(both.seller) as session:
        messaging.mark_read(session, thread.id, thread.last)
    with clock.freeze(clock.now() + GATHER_SECONDS):
        message_mails.mail_gathered()
    assert len(told(maildir)) == 1


def test_what_came_in_while_the_rest_was_read_is_mailed(maildir, both):
    arrive(both, both.buyer, "One")
    arrive(both, both.buyer, "Two", "Three")
    with transaction(both.seller) as session:
        messaging.mark_read(session, copy_of(both, both.seller).id, 2)
    with clock.freeze(clock.now() + GATHER_SECONDS):
        message_mails.mail_gathered()
    first, second = sorted(told(maildir), key=lambda mail: "Three" in mail.text)
    assert "One" in first.text and "Three" in second.text
    assert "Two" not in first.text + second.text


def test_after_a_pause_the_next_message_is_mailed_at_once_again(maildir, both):
    arrive(both, both.buyer, "One")
    with clock.freeze(clock.now() + GATHER_SECONDS + 1):
        arrive(both, both.buyer, "Two")
    assert sorted(("One" in mail.text, "Two" in mail.text) for mail in told(maildir)) == [(False, True), (True, False)]


def test_two_workers_send_one_mail(maildir, both):
    write(both, both.buyer, "One")
    while run_consumers():
        pass
    thread = copy_of(both, both.seller).id
    assert not message_mails.mail(thread)
    assert len(told(maildir)) == 1


def test_a_mail_that_was_begun_and_not_finished_is_tried_again(maildir, both, monkeypatch):
    def fail(*_arguments, **_named):
        raise MailError("The mail server is away.", permanent=False)

    with monkeypatch.context() as patch:
        patch.setattr(mailing, "send", fail)
        arrive(both, both.buyer, "One")
        assert message_mails.mail_gathered() == "0 mails about messages"
    assert told(maildir) == []
    with clock.freeze(clock.now() + 300):
        assert message_mails.mail_gathered() == "1 mails about messages"
    assert len(told(maildir)) == 1


def test_a_mail_that_can_never_be_sent_is_not_tried_for_ever(maildir, both, monkeypatch):
    tries = []

    def fail(*_arguments, **_named):
        tries.append(1)
        raise MailError("There is no such address.")

    monkeypatch.setattr(mailing, "send", fail)
    arrive(both, both.buyer, "One")
    with clock.freeze(clock.now() + 86_400):
        message_mails.mail_gathered()
    assert len(tries) == 1


def test_who_wants_no_such_mails_gets_none(maildir, both):
    with transaction(both.seller) as session:
        preferences.choose(session, Kind.MESSAGES, False)
    arrive(both, both.buyer, "One")
    assert told(maildir) == []
    assert texts(both, both.seller) == ["One"]


def test_the_answer_goes_to_an_address_of_the_thread_when_mail_comes_in(maildir, both, mail_comes_in):
    arrive(both, both.buyer, "One", share_address=True)
    (mail,) = told(maildir)
    answer_to = mail.headers["Reply-To"]
    assert answer_to.endswith("@in.example.org")
    assert "bo@example.org" not in str(mail.headers) + mail.text + mail.html
    messaging.reply_by_mail(answer_to.partition("@")[0], "It is.", b"k" * 16)
    while run_consumers():
        pass
    assert texts(both, both.buyer) == ["One", "It is."]


@pytest.mark.parametrize("share", [True, False])
def test_without_incoming_mail_an_answer_goes_to_the_sender_only_if_he_said_so(maildir, both, share):
    arrive(both, both.buyer, "One", share_address=share)
    (mail,) = told(maildir)
    assert (mail.headers.get("Reply-To") == "bo@example.org") is share
    assert ("Answer this mail" in mail.text) is share
    assert "bo@example.org" not in mail.text + mail.html


def test_a_guest_who_sells_is_mailed_what_is_written_to_him(maildir, both):
    listing = goods.guest_draft("key")
    goods.change(listing, listings.ask_manage_link, "guest@example.org")
    arrive(Pair(both.buyer, owner_of(listing), listing), both.buyer, "One", share_address=True)
    (mail,) = told(maildir)
    assert mail.to == "guest@example.org"
    assert mail.headers["Reply-To"] == "bo@example.org"
    assert "/account/" not in mail.text


def test_a_guest_who_sells_answers_by_mail(maildir, both, mail_comes_in):
    listing = goods.guest_draft("key")
    goods.change(listing, listings.ask_manage_link, "guest@example.org")
    two = Pair(both.buyer, owner_of(listing), listing)
    arrive(two, two.buyer, "One")
    (mail,) = told(maildir)
    messaging.reply_by_mail(mail.headers["Reply-To"].partition("@")[0], "It is.", b"k" * 16)
    while run_consumers():
        pass
    assert texts(two, two.buyer) == ["One", "It is."]
    (answer,) = [each for each in told(maildir) if each.to == "bo@example.org"]
    assert "guest@example.org" not in str(answer.headers) + answer.text + answer.html


def test_an_offer_is_mailed_in_words(maildir, both):
    offer(both, both.buyer, 9_950)
    while run_consumers():
        pass
    assert "Bo offers €99.50." in told(maildir)[0].text


def test_a_very_chatty_thread_is_told_in_part(maildir, both):
    for number in range(30):
        write(both, both.buyer, f"<{number}>")
    while run_consumers():
        pass
    with clock.freeze(clock.now() + GATHER_SECONDS):
        message_mails.mail_gathered()
    longest = told(maildir)[-1]
    assert "and " in longest.text and " more." in longest.text
    with clock.freeze(clock.now() + 3 * GATHER_SECONDS):
        assert message_mails.mail_gathered() == "0 mails about messages"


def test_a_closed_account_is_mailed_nothing_more(maildir, both):
    write(both, both.buyer, "One")
    with transaction(both.seller) as session:
        accounts.close_account(session)
    while run_consumers():
        pass
    assert told(maildir) == []


def test_nothing_about_a_sold_listing_is_mailed_though_it_is_noted(maildir, both):
    arrive(both, both.buyer, "One")
    goods.change(both.listing, listings.mark_sold)
    while run_consumers():
        pass
    assert [mail.to for mail in told(maildir)] == ["ada@example.org"]
    assert texts(both, both.buyer) == ["One", "sold"]
