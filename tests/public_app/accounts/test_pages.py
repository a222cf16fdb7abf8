"""The pages of the account, as a browser without JavaScript meets them."""

import json
import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from public_app import create_app
from shared import accounts
from shared.sharding import Fleet, read
from shared.web import urls
from tests.factories import accounts as people
from tests.factories import listings as goods
from tests.factories.browser import send_form
from tests.factories.settings import settings

ADDRESS = "anna@example.org"
PAGES = ("/account", "/account/name", "/account/email", "/account/password", "/account/close", "/account/export")


def _log_in(visitor: FlaskClient, password: str = people.PASSWORD, **fields: str) -> int:
    return send_form(visitor, "/login", email=ADDRESS, password=password, **fields).status_code


def test_a_newcomer_signs_up_and_confirming_logs_in(visitor: FlaskClient) -> None:
    answer = send_form(visitor, "/signup", email=ADDRESS, name="Anna", password=people.PASSWORD)
    assert (answer.status_code, answer.location) == (303, "/signup/sent")
    assert "Check your e-mail" in visitor.get("/signup/sent").text
    user = accounts.find_by_address(ADDRESS)
    assert user
    link = f"/account/confirm/{people.mailed(user.owner, 'confirm')}"
    for _ in range(2):  # a scanner's GET does not use it up
        assert "Confirm and log in" in visitor.get(link).text
    assert send_form(visitor, link, password=people.PASSWORD).location == "/account"
    page = visitor.get("/account").text
    assert "Your address is confirmed" in page
    assert ADDRESS in page
    assert visitor.get(link).status_code == 410


def test_logging_out_is_no_louder_than_the_rest_of_the_account_page(visitor: FlaskClient) -> None:
    people.confirmed()
    _log_in(visitor)
    main = visitor.get("/account").text.partition('<main id="main">')[2].partition("</main>")[0]
    assert '<button type="submit" class="alt">Log out</button>' in main
    assert 'class="btn"' not in main


def test_a_wrong_password_confirms_nothing_and_keeps_the_link(visitor: FlaskClient) -> None:
    owner = people.pending()
    link = f"/account/confirm/{people.mailed(owner, 'confirm')}"
    wrong = send_form(visitor, link, password="somebody else's")
    assert wrong.status_code == 422
    assert "the link still works" in wrong.text
    assert not visitor.get_cookie("session")
    assert people.user(owner).state == "pending"
    assert send_form(visitor, link, password=people.PASSWORD).status_code == 303


def test_guesses_at_a_confirmation_are_counted_as_those_at_a_login(visitor: FlaskClient) -> None:
    link = f"/account/confirm/{people.mailed(people.pending(), 'confirm')}"
    for _ in range(5):
        send_form(visitor, link, password="not the password")
        _log_in(visitor, "not the password")
    answer = send_form(visitor, link, password=people.PASSWORD)
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0
    assert "Try again in" in answer.text


def test_confirming_replaces_the_session_that_the_browser_came_with(visitor: FlaskClient) -> None:
    other = people.confirmed("bert@example.org")
    send_form(visitor, "/login", email="bert@example.org", password=people.PASSWORD)
    before = visitor.get_cookie("session")
    link = f"/account/confirm/{people.mailed(people.pending(), 'confirm')}"
    assert send_form(visitor, link, password=people.PASSWORD).status_code == 303
    after = visitor.get_cookie("session")
    assert before
    assert after
    assert after.value != before.value
    assert ADDRESS in visitor.get("/account").text
    with read(other) as session:
        assert accounts.browsers(session) == []


def test_errors_keep_what_was_typed_but_never_the_password(visitor: FlaskClient) -> None:
    answer = send_form(visitor, "/signup", email="anna@", name="Anna <3", password="Secret42")
    assert answer.status_code == 422
    assert 'value="anna@"' in answer.text
    assert "Anna &lt;3" in answer.text
    assert "Secret42" not in answer.text
    assert "<title>Error: " in answer.text


def test_every_field_at_fault_is_named_at_once(visitor: FlaskClient) -> None:
    text = send_form(visitor, "/signup", email="anna@", name="", password="").text
    for words in ("Enter an e-mail address like", "Enter the name that others will see", "Use at least 8 characters"):
        assert words in text


def test_a_wrong_password_says_so_and_keeps_the_address(visitor: FlaskClient) -> None:
    people.confirmed()
    answer = send_form(visitor, "/login", email=ADDRESS, password="not the password")
    assert answer.status_code == 422
    assert "do not belong together" in answer.text
    assert f'value="{ADDRESS}"' in answer.text
    assert "session=" not in str(answer.headers)


@pytest.mark.parametrize(
    ("wanted", "reached"),
    [
        ("/account/name", "/account/name"),
        ("/search?q=a b", "/search?q=a b"),
        ("//evil.example", "/account"),
        ("https://evil.example/", "/account"),
        ("/\\evil.example", "/account"),
        ("javascript:alert(1)", "/account"),
        ("", "/account"),
    ],
)
def test_logging_in_leads_on_to_own_pages_only(visitor: FlaskClient, wanted: str, reached: str) -> None:
    people.confirmed()
    answer = send_form(visitor, "/login", email=ADDRESS, password=people.PASSWORD, next=wanted)
    assert answer.status_code == 303
    assert answer.location.replace("%20", " ") == reached


@pytest.mark.parametrize(
    ("wanted", "reached"),
    [
        ("/l/7/reply", "/l/7/reply"),
        ("//evil.example", "/account"),
        ("/" + "x" * 1500, "/" + "x" * 999),
        ("", "/account"),
    ],
)
def test_a_newcomer_is_led_on_to_where_the_way_was_going(visitor: FlaskClient, wanted: str, reached: str) -> None:
    login = visitor.get("/login", query_string={"next": wanted}).text
    signup = re.search(r'href="(/signup[^"]*)"', login)
    assert signup
    answer = send_form(visitor, signup[1], "/signup", email=ADDRESS, name="Anna", password=people.PASSWORD)
    assert answer.location == "/signup/sent"
    user = accounts.find_by_address(ADDRESS)
    assert user
    link = f"/account/confirm/{people.mailed(user.owner, 'confirm')}"
    assert send_form(visitor, link, password=people.PASSWORD).location == reached
    assert not visitor.get_cookie("next")


def test_pages_of_the_account_lead_strangers_to_the_login_and_back(visitor: FlaskClient) -> None:
    people.confirmed()
    for path in PAGES:
        answer = visitor.get(path)
        assert (answer.status_code, answer.location) == (303, f"/login?next={path}")
    page = visitor.get("/login?next=/account/name").text
    assert 'name="next" value="/account/name"' in page


def test_every_page_of_the_account_is_kept_by_no_cache(visitor: FlaskClient) -> None:
    people.confirmed()
    _log_in(visitor)
    for path in (*PAGES, "/signup/sent", "/reset"):
        answer = visitor.get(path)
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "no-store"
    assert visitor.get("/login").status_code == 303


def test_logging_out_ends_the_session_on_the_server_too(visitor: FlaskClient) -> None:
    owner = people.confirmed()
    _log_in(visitor)
    cookie = visitor.get_cookie("session")
    assert cookie
    answer = send_form(visitor, "/account", "/logout")
    assert "cache" in answer.headers["Clear-Site-Data"]
    assert not visitor.get_cookie("session")
    visitor.set_cookie("session", cookie.value)
    assert visitor.get("/account").status_code == 303
    with read(owner) as session:
        assert accounts.browsers(session) == []


def test_the_cookie_is_for_this_site_only_and_new_at_each_login(visitor: FlaskClient) -> None:
    link = f"/account/confirm/{people.mailed(people.pending(), 'confirm')}"
    cookies = []
    for path, fields in ((link, {}), ("/login", {"email": ADDRESS}), ("/login", {"email": ADDRESS})):
        answer = send_form(visitor, path, password=people.PASSWORD, **fields)
        cookies.append(next(each for each in answer.headers.getlist("Set-Cookie") if each.startswith("session=")))
        visitor.delete_cookie("session")
    for cookie in cookies:
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie
        assert "Path=/" in cookie
        assert "Domain" not in cookie
    assert len({cookie[:60] for cookie in cookies}) == 3


def test_a_browser_somewhere_else_can_be_logged_out(visitor: FlaskClient) -> None:
    people.confirmed()
    elsewhere = visitor.application.test_client()
    _log_in(visitor)
    _log_in(elsewhere)
    page = visitor.get("/account").text
    public = re.search(r'name="session" value="(\d+)"', page)
    assert public
    assert send_form(visitor, "/account", "/account/sessions", session=public[1]).location == "/account"
    assert elsewhere.get("/account").status_code == 303
    assert visitor.get("/account").status_code == 200
    _log_in(elsewhere)
    send_form(visitor, "/account", "/account/sessions", session="others")
    assert elsewhere.get("/account").status_code == 303
    assert send_form(visitor, "/account", "/account/sessions", session="all").location == "/"
    assert visitor.get("/account").status_code == 303


@pytest.mark.parametrize(
    ("session", "status"),
    [("", 404), ("x", 404), ("-1", 404), ("9" * 16, 404), ("9" * 40, 404), ("0", 404), ("4711", 404)],
)
def test_a_session_that_is_none_ends_nothing_and_is_not_called_ended(
    visitor: FlaskClient, session: str, status: int
) -> None:
    people.confirmed()
    _log_in(visitor)
    assert send_form(visitor, "/account", "/account/sessions", session=session).status_code == status
    assert visitor.get("/account").status_code == 200


def test_the_name_changes_on_the_listings_too(visitor: FlaskClient) -> None:
    owner = people.confirmed()
    goods.published(owner)
    _log_in(visitor)
    assert send_form(visitor, "/account/name", name="Anna Berg").location == "/account"
    assert "Anna Berg" in visitor.get("/account").text
    exported = json.loads(visitor.get("/account/export").text)
    assert exported["account"][0]["name"] == "Anna Berg"
    assert len(exported["listings"]) == 1


def test_the_address_changes_by_a_link_to_the_new_one(visitor: FlaskClient) -> None:
    owner = people.confirmed()
    _log_in(visitor)
    wrong = send_form(visitor, "/account/email", email="new@example.org", password="a wrong one")
    assert wrong.status_code == 422
    assert "This is not your password" in wrong.text
    answer = send_form(visitor, "/account/email", email="new@example.org", password=people.PASSWORD)
    assert answer.location == "/account"
    token = people.mailed_address_change(owner)
    assert send_form(visitor, f"/account/email/{token}").location == "/account"
    assert "new@example.org" in visitor.get("/account").text
    assert visitor.get(f"/account/email/{token}").status_code == 410


def test_a_forgotten_password_is_set_anew_by_mail(visitor: FlaskClient) -> None:
    owner = people.confirmed()
    assert send_form(visitor, "/reset", email=ADDRESS).location == "/reset/sent"
    link = f"/reset/{people.mailed(owner, 'reset')}"
    assert send_form(visitor, link, password="password").status_code == 422
    assert send_form(visitor, link, password="seven green tables").location == "/login"
    assert visitor.get(link).status_code == 410
    assert _log_in(visitor, "seven green tables") == 303


def test_closing_takes_the_listings_along_and_frees_the_address(visitor: FlaskClient) -> None:
    owner = people.confirmed()
    listing = goods.published(owner)
    _log_in(visitor)
    assert send_form(visitor, "/account/close", password="a wrong one").status_code == 422
    assert send_form(visitor, "/account/close", password=people.PASSWORD).location == "/"
    assert visitor.get("/account").status_code == 303
    assert visitor.get(urls.listing(listing)).status_code == 410
    assert _log_in(visitor) == 422
    assert people.pending(ADDRESS)


def test_too_many_tries_answer_429_with_the_form_and_when_to_come_back(visitor: FlaskClient) -> None:
    people.confirmed()
    for _ in range(10):
        _log_in(visitor, "not the password")
    answer = send_form(visitor, "/login", email=ADDRESS, password=people.PASSWORD)
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 900
    assert "Try again in" in answer.text
    assert f'value="{ADDRESS}"' in answer.text


@pytest.mark.parametrize("path", ["/signup", "/login", "/reset", "/account/confirm"])
@pytest.mark.parametrize(
    "value",
    ["", "\x00", "\u202e", "' OR 1=1 --", "<script>alert(1)</script>", "../../etc/passwd", "a" * 5000, "🐎" * 300],
)
def test_strange_input_is_refused_in_words_and_changes_nothing(visitor: FlaskClient, path: str, value: str) -> None:
    answer = send_form(visitor, path, email=value, name=value, password=value)
    assert answer.status_code == 422
    assert "<script>alert" not in answer.text
    assert 'class="errors"' in answer.text


@pytest.mark.parametrize("path", ["/account/confirm/{}", "/reset/{}", "/account/email/{}"])
@pytest.mark.parametrize("token", ["x", "0" * 46, "%00", "..%2f..%2fetc", "a" * 500, "%f0%9f%90%8e"])
def test_a_link_that_is_none_leads_to_where_another_is_asked_for(visitor: FlaskClient, path: str, token: str) -> None:
    assert visitor.get(path.format(token)).status_code in (400, 404, 410)


def test_over_https_the_cookie_is_bound_to_the_host(fleet: Fleet, tmp_path: Path) -> None:
    people.configure()
    people.confirmed()
    site = create_app(settings(tmp_path, public_url="https://market.example"), testing=True).test_client()
    there = {"base_url": "https://market.example"}
    token = re.search(r'name="csrf_token" value="([^"]+)"', site.get("/login", **there).text)
    assert token
    form = {"csrf_token": token[1], "email": ADDRESS, "password": people.PASSWORD}
    cookies = site.post("/login", data=form, **there).headers.getlist("Set-Cookie")
    session = next(each for each in cookies if each.startswith("__Host-session="))
    assert "; Secure; HttpOnly; Path=/; SameSite=Lax" in session


@pytest.mark.parametrize("path", ["/login", "/signup", "/reset", "/account/confirm"])
def test_asking_for_the_head_of_a_form_sends_none(visitor: FlaskClient, path: str) -> None:
    assert visitor.head(path).status_code == visitor.get(path).status_code == 200
