"""Forms keep what was typed, say what is wrong where it is wrong, and are sent once."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict

from shared.web.forms import Form
from tests.shared.web.test_csrf import token


def test_error_page_leads_to_each_field_and_keeps_the_text(client: FlaskClient) -> None:
    sent = {"csrf_token": token(client), "title": "", "words": "<b>kept</b>", "kind": "b", "price": "ask", "ok": "1"}
    response = client.post("/form", data=sent)
    html = response.text
    assert response.status_code == 422
    assert "<title>Error: Post" in html
    assert html.index('href="#f-title"') < html.index("<h1>Post")
    assert 'aria-invalid="true"' in html
    assert 'aria-describedby="h-title e-title"' in html
    assert "&lt;b&gt;kept&lt;/b&gt;</textarea>" in html
    assert '<option value="b" selected>' in html
    assert re.search(r'value="ask"[^>]* checked', html)
    assert re.search(r'name="ok"[^>]* checked', html)


def test_every_control_has_a_label(client: FlaskClient) -> None:
    html = client.get("/form").text
    for control in ("title", "words", "kind", "photo"):
        assert f'for="f-{control}"' in html
        assert f'id="f-{control}"' in html
    assert "<legend>Price</legend>" in html


def test_corrected_form_keeps_its_one_time_token(client: FlaskClient) -> None:
    first = client.get("/form").text
    once = re.search(r'name="form_token" value="([0-9a-f]{32})"', first)
    assert once
    again = client.post("/form", data={"csrf_token": token(client), "form_token": once.group(1)}).text
    assert f'name="form_token" value="{once.group(1)}"' in again


@pytest.mark.parametrize("given", ["", "x", "../..", "A" * 32])
def test_malformed_one_time_token_counts_as_none_and_says_to_send_the_form_again(given: str) -> None:
    form = Form({"form_token": given})
    assert form.one_time_token() == ""
    assert "send it once more" in form.errors[""]
    assert re.fullmatch(r"[0-9a-f]{32}", form.token)


@pytest.mark.parametrize("typed", ["a\x00b", "a\u202eb", "\u2066ab", "a\x1bb\ufffd", "a\u200bb", " a\u200db\n"])
def test_characters_that_nobody_sees_are_taken_out(typed: str) -> None:
    form = Form({"title": typed})
    assert form.text("title", longest=2) == "ab"
    assert not form.errors


def test_a_field_of_nothing_visible_is_empty() -> None:
    form = Form({"title": "\u202e\u200b\x00\ufffd"})
    assert form.text("title", longest=80, required="Enter a title") == ""
    assert form.errors == {"title": "Enter a title"}


def test_text_of_several_lines_keeps_them() -> None:
    form = Form({"words": " one\r\ntwo\t3 "})
    assert form.text("words", longest=80, lines=True) == "one\ntwo 3"
    assert not form.errors


def test_too_long_text_is_named_with_both_lengths() -> None:
    form = Form({"title": "x" * 81})
    form.text("title", longest=80)
    assert form.errors == {"title": "Shorten this to 80 characters; it has 81"}


def test_choice_outside_the_options_is_refused() -> None:
    form = Form({"kind": "admin"})
    assert form.choice("kind", ["a", "b"]) == ""
    assert "kind" in form.errors


def test_several_ticks_come_in_the_order_of_the_options_and_only_once() -> None:
    form = Form(MultiDict([("types", "c"), ("types", "a"), ("types", "c")]))
    assert form.chosen("types", ["a", "b", "c"]) == ["a", "c"]
    assert not form.errors


@pytest.mark.parametrize(
    ("sent", "words"),
    [([], "Choose one"), ([("types", "x")], "Choose from the options shown"), ([("types", "")], "Choose from")],
)
def test_no_tick_or_one_of_no_option_is_named(sent: list[tuple[str, str]], words: str) -> None:
    form = Form(MultiDict(sent))
    assert form.chosen("types", ["a", "b"], required="Choose one") == []
    assert words in form.errors["types"]


def test_ticks_are_kept_and_an_error_leads_to_the_first(app: Flask) -> None:
    form = Form(MultiDict([("types", "b")]))
    form.reject({"types": "Choose another"})
    with app.test_request_context():
        html = app.jinja_env.get_template("shared/_form.html").module.checkboxes(form, "types", "Kinds", ["aA", "bB"])
    assert re.findall(r'value="(.)"( id="f-types")?( checked)?>', html) == [
        ("a", ' id="f-types"', ""),
        ("b", "", " checked"),
    ]
    assert '<fieldset class="field" aria-describedby="e-types">' in html
    assert "Choose another" in html


def test_a_room_has_the_last_word_but_the_first_error_stays() -> None:
    form = Form({"title": ""})
    form.text("title", longest=80, required="Enter a title")
    form.reject({"title": "Too short", "price": "Too high"})
    assert form.errors == {"title": "Enter a title", "price": "Too high"}


def test_password_is_taken_as_typed_and_never_shown_again(app: Flask) -> None:
    form = Form({"password": "  spaces  "})
    assert form.secret("password", required="Enter a password") == "  spaces  "
    with app.test_request_context():
        macros = app.jinja_env.get_template("shared/_form.html").module
        assert "spaces" not in macros.text(form, "password", "Password", type="password")
