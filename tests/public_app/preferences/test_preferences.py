"""Choosing one's mails: by the link in any of them and from the account, and what a mail program does by one click."""

import pytest

from shared import preferences
from shared.preferences import Kind
from tests.factories.accounts import events
from tests.factories.listings import seller
from tests.factories.visitors import Visitor, forms, sign_in

ONE_CLICK = {"List-Unsubscribe": "One-Click"}
TICKED = set(Kind) - {Kind.NEWS}


def test_a_mail_program_unsubscribes_by_one_click_without_a_cookie(app, reader):
    answer = app.test_client(use_cookies=False).post(f"/mail/{reader.token()}/alerts", data=ONE_CLICK)
    assert answer.status_code == 200
    assert reader.wanted() == TICKED - {Kind.ALERTS}


def test_one_click_may_come_as_multipart_and_twice(app, member):
    for _ in range(2):
        sent = app.test_client().post(
            f"/mail/{member.token()}/messages", data=ONE_CLICK, content_type="multipart/form-data"
        )
        assert sent.status_code == 200
    assert Kind.MESSAGES not in member.wanted()


def test_one_click_works_in_a_browser_whose_session_is_over(app, member):
    client = app.test_client()
    client.set_cookie("session", "long gone")
    assert client.post(f"/mail/{member.token()}/expiry", data=ONE_CLICK).status_code == 200
    assert Kind.EXPIRY not in member.wanted()


def test_a_scanner_that_follows_the_link_unsubscribes_nobody(visitor, reader):
    for _ in range(2):
        assert visitor.open(f"/mail/{reader.token()}/alerts").status_code == 200
    assert visitor.client.head(f"/mail/{reader.token()}/alerts").status_code == 200
    assert reader.wanted() == TICKED


def test_the_button_of_the_page_unsubscribes_and_says_so(visitor, reader):
    visitor.open(f"/mail/{reader.token()}/price-drops")
    page = visitor.send("One-Click")
    assert "You get no more mails of this kind" in page.text
    assert reader.wanted() == TICKED - {Kind.PRICE_DROPS}
    assert forms(visitor.open(f"/mail/{reader.token()}/price-drops").text) == []


@pytest.mark.parametrize("kind", ["", "everything", "news/", "../alerts", "MESSAGES"])
def test_a_kind_that_there_is_not_is_not_found(app, member, kind):
    assert app.test_client().post(f"/mail/{member.token()}/{kind}", data=ONE_CLICK).status_code in (404, 405)
    assert member.wanted() == TICKED


@pytest.mark.parametrize("where", ["/mail/{}", "/mail/{}/alerts", "/mail/arrived/{}"])
def test_a_wrong_link_tells_nothing_of_whom_it_might_be(app, member, where):
    real = member.token()
    made_up = real[:14] + "0" * 32
    nobody = "0" * 14 + real[14:]
    answers = [app.test_client().get(where.format(token)) for token in (made_up, nobody, "x")]
    assert {answer.status_code for answer in answers} == {404}
    texts = {answer.text.partition("Error 404")[0] for answer in answers}
    assert len(texts) == 1


def test_a_wrong_link_changes_nothing(app, member):
    made_up = member.token()[:14] + "0" * 32
    assert app.test_client().post(f"/mail/{made_up}/alerts", data=ONE_CLICK).status_code == 404
    assert member.wanted() == TICKED


def test_the_link_shows_what_comes_and_changes_it(visitor, reader):
    visitor.open(f"/mail/{reader.token()}")
    assert {name for name in forms(visitor.page.text)[0].fields if name in set(Kind)} == TICKED
    page = visitor.send(more={"messages": None, "news": "1"})
    assert "Saved." in page.text
    assert reader.wanted() == TICKED - {Kind.MESSAGES} | {Kind.NEWS}


def test_advertising_is_never_ticked_beforehand(visitor, member):
    visitor.open(f"/mail/{member.token()}")
    assert "news" not in forms(visitor.page.text)[0].fields
    assert 'name="news"' in visitor.page.text


def test_the_form_of_the_link_needs_the_token_of_its_page(app, member):
    assert app.test_client().post(f"/mail/{member.token()}", data={}).status_code == 403
    assert member.wanted() == TICKED


def test_the_link_shows_too_little_of_the_address_to_be_passed_on(visitor, member):
    text = visitor.open(f"/mail/{member.token()}").text
    assert f"{str(member.owner)[0]}…@example.org" in text
    assert f"{member.owner}@example.org" not in text


def test_an_account_has_the_same_page(visitor, member):
    sign_in(visitor, member.owner)
    page = visitor.open("/account/mail")
    assert f"{member.owner}@example.org" in page.text
    visitor.send(more=dict.fromkeys(Kind))
    assert member.wanted() == set()


def test_who_is_signed_in_does_not_change_another_s_mails_by_his_link(visitor, member):
    sign_in(visitor, seller())
    visitor.open(f"/mail/{member.token()}")
    visitor.send(more={"alerts": None})
    assert member.wanted() == TICKED - {Kind.ALERTS}, "the link decides, not the session"


def test_the_account_says_that_mail_comes_back_and_how_to_mend_it(visitor, member):
    sign_in(visitor, member.owner)
    assert "comes back" not in visitor.open("/account").text
    member.bounce()
    assert 'href="/account/mail"' in visitor.open("/account").text.partition("comes back")[2][:120]
    visitor.open("/account/mail")
    assert "A mail is on its way" in visitor.send("1").text
    assert [each.type for each in events(member.owner)] == ["MailCheckAsked"]


def test_the_link_in_the_mail_that_arrived_starts_all_mails_again(visitor, reader):
    reader.bounce()
    assert "comes back" in visitor.open(f"/mail/{reader.token()}").text
    visitor.open(f"/mail/arrived/{reader.token(preferences.CHECK)}")
    assert reader.bounces(), "a look changes nothing"
    assert "come again" in visitor.send().text
    assert not reader.bounces()


def test_an_old_mail_does_not_show_that_mail_arrives(visitor, member):
    member.bounce()
    assert visitor.open(f"/mail/arrived/{member.token()}").status_code == 404
    assert member.bounces()


def test_nobody_has_us_send_mail_after_mail_to_try(visitor, member):
    member.bounce()
    for _ in range(4):
        visitor.open(f"/mail/{member.token()}")
        visitor.send("1")
    visitor.open(f"/mail/{member.token()}")
    assert visitor.send("1").status_code == 429
    assert len(events(member.owner)) == 4


@pytest.mark.parametrize("where", ["/mail/{}", "/mail/{}/alerts", "/account/mail"])
def test_no_cache_keeps_these_pages(visitor, member, where):
    sign_in(visitor, member.owner)
    assert visitor.open(where.format(member.token())).headers["Cache-Control"] == "no-store"


def test_strangers_have_no_page_of_their_own(app):
    assert Visitor(app).client.get("/account/mail").location == "/login?next=/account/mail"
