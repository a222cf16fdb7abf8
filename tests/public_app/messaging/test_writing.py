"""Writing to sellers, and answering, over a real database."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from shared import accounts, ids, messaging
from shared.sharding import read, transaction
from tests.factories.listings import published, seller
from tests.factories.visitors import Visitor, forms, sign_in


@pytest.fixture
def bo(visitor) -> Visitor:
    sign_in(visitor, seller("Bo"), "Bo")
    return visitor


def received_from(sender: int, recipient: int) -> int:
    """A message delivered to the recipient; returns its public id."""
    listing = published(recipient)
    with transaction(sender) as session:
        message = messaging.send(
            session,
            sender_name="Cleo",
            recipient=recipient,
            listing=listing,
            title="Red bicycle",
            body="Is it still there?",
            share_address=False,
        )
    with read(sender) as session:
        sent = messaging.sent(session, message)
    with transaction(recipient) as session:
        messaging.deliver(session, sent)
    with read(recipient) as session:
        (only,) = messaging.inbox(session)
    return ids.public(only.id)


def test_a_look_at_the_headers_alone_does_not_mark_a_message_as_read(visitor):
    cleo, dee = seller("Cleo"), seller("Dee")
    message = received_from(cleo, dee)
    sign_in(visitor, dee, "Dee")
    for method, unread in (("HEAD", 1), ("GET", 0)):
        visitor.client.open(f"/account/messages/{message}", method=method)
        with read(dee) as session:
            assert messaging.unread(session) == unread


def test_the_list_of_messages_is_one_of_rows_and_marks_what_is_new_until_it_is_read(visitor):
    cleo, dee = seller("Cleo"), seller("Dee")
    message = received_from(cleo, dee)
    sign_in(visitor, dee, "Dee")
    rows = visitor.open("/account/messages").text.partition('<ol class="rows">')[2].partition("</ol>")[0]
    assert f'<li><a href="/account/messages/{message}">Red bicycle</a> <mark>New</mark>' in rows
    visitor.open(f"/account/messages/{message}")
    assert "<mark>New</mark>" not in visitor.open("/account/messages").text


def test_an_answer_to_a_closed_account_says_so_and_keeps_the_text(visitor):
    cleo, dee = seller("Cleo"), seller("Dee")
    message = received_from(cleo, dee)
    with transaction(cleo) as session:
        accounts.close_account(session)
    sign_in(visitor, dee, "Dee")
    visitor.open(f"/account/messages/{message}")
    page = visitor.send(body="Yes, come by on Monday.")
    assert page.status_code == 422
    assert "Cleo has closed the account" in page.text
    assert "Yes, come by on Monday." in page.text


def test_a_message_sent_many_times_at_once_is_written_once(bo, app):
    recipient = seller()
    path = f"/l/{ids.public(published(recipient))}/reply"
    data = {**forms(bo.open(path).text)[-1].fields, "body": "Is it still there?"}
    cookies = "; ".join(f"{each.key}={each.value}" for each in bo.client._cookies.values())

    def send(_number: int) -> int:
        return app.test_client(use_cookies=False).post(path, data=data, headers={"Cookie": cookies}).status_code

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(send, range(8)))
    assert set(answers) == {303}
    with read(int(bo.client.get_cookie("session").value)) as session:
        sent = [part for part in messaging.export(session) if part["kind"] == "sent"]
    assert len(sent) == 1, sent
