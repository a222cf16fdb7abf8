"""The pages of messages: asking, answering, the list, and what each side may do with its copy."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from shared import accounts, clock, ids, listings, messaging
from shared.sharding import transaction
from tests.factories import listings as goods
from tests.factories.messages import carry_all, copy_of, talk, texts, unread, write
from tests.factories.visitors import forms, sign_in


def ask(bo, both, body="Is it still there?"):
    bo.open(f"/l/{ids.public(both.listing)}/reply")
    page = bo.send(body=body)
    carry_all()
    return page


def test_a_question_opens_a_thread_and_the_answer_comes_back(bo, ada, both, path):
    page = ask(bo, both)
    assert page.request.path == path(both.buyer)
    assert "Your message to Anna is on its way." in page.text
    assert "Is it still there?" in ada.open(path(both.seller)).text
    assert "on its way" in ada.send(body="It is. Come on Monday.").text
    carry_all()
    shown = bo.open(path(both.buyer)).text
    assert shown.index("Is it still there?") < shown.index("It is. Come on Monday.")


def test_a_second_message_from_the_listing_goes_on_in_the_same_thread(bo, both, path):
    ask(bo, both)
    form = bo.open(f"/l/{ids.public(both.listing)}/reply")
    assert f'href="{path(both.buyer)}"' in form.text
    bo.send(body="Hello?")
    assert texts(both, both.buyer) == ["Is it still there?", "Hello?"]


def test_a_look_at_the_headers_alone_does_not_mark_a_thread_as_read(ada, both, path):
    write(both, both.buyer)
    carry_all()
    for method, waiting in (("HEAD", 1), ("GET", 0)):
        ada.client.open(path(both.seller), method=method)
        assert unread(both.seller) == waiting


def test_the_list_marks_what_is_new_until_it_is_read(ada, both, path):
    write(both, both.buyer)
    write(both, both.buyer, "Hello?")
    carry_all()
    rows = ada.open("/account/messages").text.partition('<ol class="rows">')[2].partition("</ol>")[0]
    assert f'<li><a href="{path(both.seller)}">Red bicycle</a> <mark>2 new</mark>' in rows
    ada.open(path(both.seller))
    assert "<mark>" not in ada.open("/account/messages").text


def test_the_head_of_every_page_counts_what_is_new_and_not_what_is_being_read(ada, both, path, app):
    write(both, both.buyer)
    carry_all()
    app.login_manager.request_loader(lambda _request: _fresh(both))
    assert "Account <b>1<span" in ada.open("/account").text
    assert "Account</a>" in ada.open(path(both.seller)).text
    assert "Account</a>" in ada.open("/account/messages").text


def _fresh(both):
    return accounts.SignedIn(both.seller, 1, "Ada", "ada@example.org", 1, unread(both.seller))


def test_a_thread_of_others_is_not_there(both, another, path):
    write(both, both.buyer)
    carry_all()
    eve = another()
    sign_in(eve, goods.seller("Eve"), "Eve")
    for owner in (both.buyer, both.seller):
        for step in ("", "/delete", "/block", "/report"):
            assert eve.open(path(owner) + step).status_code == 404
        token = forms(eve.open("/account").text)[0].fields["csrf_token"]
        for step in ("", "/offer", "/answer", "/archive", "/delete", "/block", "/report"):
            sent = {"csrf_token": token, "form_token": "0" * 32, "body": "Mine now", "amount": "1", "verb": "accept"}
            assert eve.client.post(path(owner) + step, data=sent).status_code == 404
    assert texts(both, both.buyer) == texts(both, both.seller) == ["Is it still there?"]


def test_long_threads_are_read_in_pages(ada, both, path):
    for number in range(messaging.PAGE + 5):
        write(both, both.buyer, f"number {number}!")
    carry_all()
    newest = ada.open(path(both.seller)).text
    assert "number 5!" in newest and "number 4!" not in newest
    before = newest.partition("?before=")[2].partition('"')[0]
    earlier = ada.open(f"{path(both.seller)}?before={before}")
    assert "number 4!" in earlier.text and "number 5!" not in earlier.text
    assert "?before=" not in earlier.text


@pytest.mark.parametrize("before", ["x", "AAAA", "%00", "9" * 400])
def test_a_place_in_a_thread_that_is_none_is_refused_in_words(ada, both, path, before):
    write(both, both.buyer)
    carry_all()
    assert ada.open(f"{path(both.seller)}?before={before}").status_code == 400


def test_an_answer_to_a_closed_account_says_so_and_keeps_the_text(ada, both, path):
    write(both, both.buyer)
    carry_all()
    with transaction(both.buyer) as session:
        accounts.close_account(session)
    ada.open(path(both.seller))
    page = ada.send(body="Yes, come by on Monday.")
    assert page.status_code == 422
    assert "Bo has closed the account" in page.text
    assert "Yes, come by on Monday." in page.text


def test_what_could_not_be_delivered_says_why(bo, both, path):
    write(both, both.buyer)
    with transaction(both.seller) as session:
        accounts.close_account(session)
    carry_all()
    assert "<b>Not delivered:</b> Ada has closed the account" in bo.open(path(both.buyer)).text


def test_blocking_works_both_ways_and_can_be_undone(bo, ada, both, path):
    write(both, both.buyer)
    carry_all()
    ada.open(f"{path(both.seller)}/block")
    assert "You have blocked Bo" in ada.send().text
    assert "Send the message" not in ada.page.text
    bo.open(path(both.buyer))
    refused = bo.send(body="Hello?")
    assert refused.status_code == 422
    assert "Ada takes no messages from you." in refused.text
    ada.open("/account/messages/blocked")
    assert "You and Bo can write to each other again." in ada.send().text
    bo.send(body="Hello again?")
    carry_all()
    assert texts(both, both.seller) == ["Is it still there?", "Hello again?"]


def test_whom_one_has_not_blocked_cannot_be_unblocked(ada):
    page = ada.open("/account/messages/blocked")
    token = forms(ada.open("/account").text)[0].fields["csrf_token"]
    for user in ("", "1", "x", str(2**53)):
        answer = ada.client.post("/account/messages/blocked", data={"csrf_token": token, "user": user})
        assert answer.status_code == 404
    assert "You have blocked nobody" in page.text


def test_a_thread_goes_to_the_archive_and_back(ada, both, path):
    write(both, both.buyer)
    carry_all()
    ada.open(path(both.seller))
    assert "in your archive" in ada.send("archive").text
    assert "Red bicycle" not in ada.page.text
    assert "Red bicycle" in ada.open("/account/messages/archive").text
    ada.open(path(both.seller))
    ada.send("restore")
    assert "Red bicycle" in ada.open("/account/messages").text


def test_a_copy_is_deleted_after_a_question(ada, both, path):
    write(both, both.buyer)
    carry_all()
    here = path(both.seller)
    ada.open(f"{here}/delete")
    assert "is deleted" in ada.send().text
    assert ada.open(here).status_code == 404
    assert texts(both, both.buyer) == ["Is it still there?"]


def test_addresses_in_messages_are_links_that_vouch_for_nothing(ada, both, path):
    write(both, both.buyer, "See https://example.org/x <b>now</b>")
    carry_all()
    shown = ada.open(path(both.seller)).text
    assert '<a href="https://example.org/x" rel="nofollow ugc noopener">' in shown
    assert "&lt;b&gt;now" in shown


def test_nobody_begins_more_threads_than_a_person_would(bo, both):
    answers = []
    with clock.freeze(clock.now()):
        for _ in range(31):
            listing = goods.published(both.seller)
            bo.client.environ_base["REMOTE_ADDR"] = f"192.0.2.{len(answers)}"
            bo.open(f"/l/{ids.public(listing)}/reply")
            answers.append(bo.send(body="Is it there?").status_code)
    assert answers == [200] * 30 + [429]


def test_a_message_sent_many_times_at_once_is_written_once(bo, app, both):
    where = f"/l/{ids.public(both.listing)}/reply"
    data = {**forms(bo.open(where).text)[-1].fields, "body": "Is it still there?"}
    cookies = "; ".join(f"{each.key}={each.value}" for each in bo.client._cookies.values())

    def send(_number: int) -> int:
        return app.test_client(use_cookies=False).post(where, data=data, headers={"Cookie": cookies}).status_code

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(send, range(8)))
    assert set(answers) == {303}
    assert texts(both, both.buyer) == ["Is it still there?"]


def test_the_end_of_the_listing_is_noted_and_the_talk_goes_on(bo, both, path):
    ask(bo, both)
    goods.change(both.listing, listings.mark_sold)
    messaging.note_end(both.seller, both.listing, "sold", 77)
    carry_all()
    shown = bo.open(path(both.buyer)).text
    assert "The seller has marked the listing as sold." in shown
    assert "Make an offer" not in shown
    bo.send(body="Well then.")
    assert talk(both, both.buyer)[-1].body == "Well then."
    assert copy_of(both, both.buyer).unread == 0
