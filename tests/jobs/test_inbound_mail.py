"""Mail to a relay address lands in its thread, once; what must not is answered so that nobody waits for it in vain."""

from collections import Counter
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import text

from jobs import inbound_mail
from jobs.inbound_mail import Answer
from shared import messaging, preferences
from shared.accounts import contact
from shared.config import Settings
from shared.sharding import ScopeMoved, current, read, transaction
from tests.factories.letters import bounce, letter, multipart
from tests.factories.messages import Pair, carry_all, open_thread, texts, write
from tests.factories.messages import talk as said
from tests.factories.relays import DOMAIN, moving, receiving, relay, talking

Deliver = Callable[..., Answer]


@pytest.fixture
def site(fleet, tmp_path) -> Iterator[Settings]:
    with receiving(tmp_path) as chosen:
        yield chosen


@pytest.fixture
def talk(site) -> Pair:
    return talking()


@pytest.fixture
def deliver(site) -> Deliver:
    def _deliver(raw: bytes, recipient: str, sender: str | None = None) -> Answer:
        return inbound_mail.deliver(site, raw, recipient, sender)

    return _deliver


def outcomes() -> dict[str, int]:
    found: Counter[str] = Counter()
    for _, outcome, count in messaging.arrivals():
        found[outcome] += count
    return dict(found)


def test_an_answer_by_mail_reaches_the_other_side(talk: Pair, deliver: Deliver) -> None:
    assert deliver(letter("Yes, it is still here.\n"), relay(talk, talk.seller)).code == 250
    carry_all()
    assert texts(talk, talk.buyer) == ["Is it still there?", "Yes, it is still here."]
    assert outcomes() == {"taken": 1}


def test_who_wrote_is_known_by_the_address_and_never_by_the_sender(talk: Pair, deliver: Deliver) -> None:
    with read(talk.seller) as session:
        seller = contact(session)
    assert seller is not None
    forged = letter("I am the seller.\n", {"From": seller.email, "Reply-To": seller.email, "Sender": seller.email})
    assert deliver(forged, relay(talk, talk.buyer), seller.email).code == 250
    carry_all()
    assert [each.mine for each in said(talk, talk.seller)] == [False, False]


def test_the_same_mail_twice_is_one_message(talk: Pair, deliver: Deliver) -> None:
    address = relay(talk, talk.seller)
    assert [deliver(letter(), address).code for _ in range(3)] == [250] * 3
    assert deliver(b"Received: from a by b\r\n" + letter(), address.upper()).code == 250
    carry_all()
    assert texts(talk, talk.buyer) == ["Is it still there?", "Yes, it is still here."]


def test_the_address_itself_is_shown_to_nobody_wherever_a_mail_quotes_it(talk: Pair, deliver: Deliver) -> None:
    address = relay(talk, talk.seller)
    words = f"I am at work.\n\nBeantwortet wird an {address.upper()} oder <{address}>\n"
    assert deliver(letter(words, {"To": "undisclosed-recipients:;"}), address).code == 250
    assert texts(talk, talk.seller)[-1] == "I am at work.\n\nBeantwortet wird an [left out] oder <[left out]>"


def test_one_mail_to_two_threads_of_its_author_is_a_message_in_each(talk: Pair, deliver: Deliver) -> None:
    another = talk._replace(listing=talk.listing + 1)
    write(another, another.buyer)
    carry_all()
    assert [deliver(letter(), relay(each, each.seller)).code for each in (talk, another)] == [250, 250]
    assert [texts(each, each.seller)[1:] for each in (talk, another)] == [["Yes, it is still here."]] * 2


def test_while_an_account_moves_to_another_shard_its_address_is_not_refused(talk: Pair, deliver: Deliver) -> None:
    address = relay(talk, talk.seller)
    with moving(talk.seller):
        with pytest.raises(ScopeMoved):
            inbound_mail.leads_somewhere(address)
        assert deliver(letter(), address) is inbound_mail.LATER
    assert inbound_mail.leads_somewhere(address)
    assert deliver(letter(), address).code == 250


def test_attachments_are_mentioned(talk: Pair, deliver: Deliver) -> None:
    photo = "Content-Type: image/jpeg\nContent-Transfer-Encoding: base64\n\n/9j/4AAQSkZJRg==\n"
    words = "Content-Type: text/plain\n\nHere it is.\n"
    deliver(multipart(words, photo), relay(talk, talk.seller))
    deliver(multipart(words, photo, photo, headers={"Message-ID": "<2@x>"}), relay(talk, talk.seller))
    assert texts(talk, talk.seller)[1:] == [
        "Here it is.\n\n(An attachment was left out.)",
        "Here it is.\n\n(2 attachments were left out.)",
    ]


def test_no_address_of_the_sender_reaches_the_other_side(talk: Pair, deliver: Deliver) -> None:
    deliver(letter("I am anna.real@mail.example, call me.\n"), relay(talk, talk.seller))
    carry_all()
    assert texts(talk, talk.buyer)[-1] == "I am [left out], call me."


@pytest.mark.parametrize(
    ("raw", "code", "exit", "outcome"),
    [
        (letter("> only\n> quoted\n"), 554, 65, "empty"),
        (letter("y" * 4001 + "\n"), 552, 65, "too long"),
        (b"not a mail", 554, 65, "malformed"),
        (letter(headers={"Auto-Submitted": "auto-replied"}), 250, 0, "automatic"),
        (letter(headers={"List-Id": "<talk.lists.example>"}), 250, 0, "list"),
        (letter(headers={"Return-Path": "<>"}), 250, 0, "bounce"),
        (bounce(), 250, 0, "bounce"),
    ],
)
def test_what_is_no_message_is_answered_counted_and_left_out(
    talk: Pair, deliver: Deliver, raw: bytes, code: int, exit: int, outcome: str
) -> None:
    answer = deliver(raw, relay(talk, talk.seller))
    assert (answer.code, answer.exit) == (code, exit)
    assert outcomes() == {outcome: 1}
    assert texts(talk, talk.seller) == ["Is it still there?"]


def test_a_text_of_the_longest_kind_is_taken_whole(talk: Pair, deliver: Deliver) -> None:
    assert deliver(letter("y" * 4000 + "\n"), relay(talk, talk.seller)).code == 250
    assert texts(talk, talk.seller)[-1] == "y" * 4000


def test_a_mail_beyond_the_limit_is_refused_unread(talk: Pair, deliver: Deliver) -> None:
    raw = letter("Yes.\n") + b"x" * inbound_mail.MOST_BYTES
    assert deliver(raw, relay(talk, talk.seller)) is inbound_mail.TOO_LARGE


def test_an_attachment_alone_is_refused_so_that_its_sender_knows(talk: Pair, deliver: Deliver) -> None:
    photo = "Content-Type: image/jpeg\nContent-Transfer-Encoding: base64\n\n/9j/4AAQSkZJRg==\n"
    assert deliver(multipart(photo), relay(talk, talk.seller)) is inbound_mail.EMPTY


@pytest.mark.parametrize("recipient", ["", "postmaster@market.example", "r0@market.example", "@", "a@b@c"])
def test_an_address_that_leads_nowhere_is_unknown(talk: Pair, deliver: Deliver, recipient: str) -> None:
    assert deliver(letter(), recipient) is inbound_mail.UNKNOWN
    assert not inbound_mail.leads_somewhere(recipient)


def test_a_changed_letter_of_an_address_leads_nowhere(talk: Pair, deliver: Deliver) -> None:
    address = relay(talk, talk.seller)
    local, _, domain = address.partition("@")
    changed = local[:-1] + ("0" if local[-1] != "0" else "1") + "@" + domain
    assert deliver(letter(), changed) is inbound_mail.UNKNOWN
    assert inbound_mail.leads_somewhere(address) and inbound_mail.leads_somewhere(f"<{address.upper()}>")


def test_a_revoked_address_leads_nowhere_any_more(talk: Pair, deliver: Deliver) -> None:
    address = relay(talk, talk.seller)
    with transaction(talk.seller) as session:
        messaging.revoke_relay(open_thread(session, talk))
    assert deliver(letter(), address) is inbound_mail.UNKNOWN
    assert not inbound_mail.leads_somewhere(address)


def test_who_is_blocked_is_told_so(talk: Pair, deliver: Deliver) -> None:
    address = relay(talk, talk.buyer)
    with transaction(talk.seller) as session:
        messaging.block(session, talk.buyer, "Bo")
    answer = deliver(letter(), address)
    assert (answer.code, answer.status, answer.exit) == (550, "5.7.1", 77)


def test_too_many_mails_are_to_come_again_later(talk: Pair, deliver: Deliver) -> None:
    address = relay(talk, talk.seller)
    codes = [deliver(letter(headers={"Message-ID": f"<{n}@x>"}), address).code for n in range(61)]
    assert codes == [250] * 60 + [451]


def test_when_the_database_is_away_the_mail_is_to_come_again(talk: Pair, deliver: Deliver) -> None:
    address = relay(talk, talk.seller)
    with current().directory.writer.begin() as connection:
        connection.execute(text("ALTER TABLE throttle RENAME TO away"))
    try:
        assert deliver(letter(), address) is inbound_mail.LATER
    finally:
        with current().directory.writer.begin() as connection:
            connection.execute(text("ALTER TABLE away RENAME TO throttle"))
    assert deliver(letter(), address).code == 250


def test_a_bounce_to_a_return_path_is_counted_for_its_account(site, talk: Pair, deliver: Deliver) -> None:
    with read(talk.seller) as session:
        seller = contact(session)
    assert seller is not None
    path = preferences.return_path(site.secret_key, seller, DOMAIN)
    assert inbound_mail.leads_somewhere(path)
    assert deliver(bounce("4.4.1", "delayed"), path).outcome == "bounce"
    assert deliver(bounce(), path, "").outcome == "came back"
    with read(talk.seller) as session:
        counted = session.get(preferences.MailBounce, talk.seller)
    assert counted is not None and counted.days == 1


def test_a_mail_without_an_envelope_goes_to_the_first_address_that_leads_somewhere(site, talk: Pair) -> None:
    both = f"somebody@else.example, gone@{DOMAIN}, {relay(talk, talk.seller)}"
    assert inbound_mail.deliver_to_first(site, letter(headers={"To": both}), None).code == 250
    assert inbound_mail.deliver_to_first(site, letter(headers={"To": f"gone@{DOMAIN}"}), None) is inbound_mail.UNKNOWN
    assert inbound_mail.deliver_to_first(site, b"", None) is inbound_mail.MALFORMED


def test_of_several_answers_one_to_come_again_counts_first_then_one_that_was_taken() -> None:
    taken, later, unknown = inbound_mail.TAKEN, inbound_mail.LATER, inbound_mail.UNKNOWN
    assert inbound_mail.gravest([unknown, taken, later]) is later
    assert inbound_mail.gravest([unknown, taken]) is taken
    assert inbound_mail.gravest([unknown]) is unknown
