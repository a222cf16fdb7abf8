"""What a stream says, for how long, and how many there may be: the app of the streams, asked within this process."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from public_app.live import streaming
from public_app.live.streaming import MOST_OF_A_USER, Places, create_app, event
from shared import ids, messaging
from shared.accounts import sessions
from shared.sharding import transaction
from tests.factories.messages import Pair, carry_all, copy_of, offer, write
from tests.factories.relays import talking
from tests.factories.settings import settings


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Streams of a moment instead of 25 seconds."""
    for name, seconds in (("LONGEST_SECONDS", 0.3), ("POLL_SECONDS", 0.01), ("HEARTBEAT_SECONDS", 0.05)):
        monkeypatch.setattr(streaming, name, seconds)


@pytest.fixture
def app(fleet, tmp_path) -> Flask:
    return create_app(settings(tmp_path, streams=4), testing=True)


@pytest.fixture
def talk(fleet) -> Pair:
    return talking()


@pytest.fixture
def reader(app: Flask) -> Callable[[int], FlaskClient]:
    def _reader(owner: int) -> FlaskClient:
        with transaction(owner) as session:
            cookie = sessions.start(session, "Browser", "192.0.2.7/32")
        client = app.test_client()
        client.set_cookie("session", cookie)
        return client

    return _reader


def stream(client: FlaskClient, two: Pair, owner: int, after: int | None = None) -> TestResponse:
    question = "" if after is None else f"?after={after}"
    return client.get(f"/account/messages/{ids.public(copy_of(two, owner).id)}/live{question}")


def messages(response: TestResponse) -> list[str]:
    """The HTML of each event."""
    found = []
    for block in response.get_data(as_text=True).split("\n\n"):
        lines = block.split("\n")
        if "event: message" in lines:
            found.append("\n".join(line.removeprefix("data: ") for line in lines if line.startswith("data:")))
    return found


def test_what_came_in_after_the_last_shown_is_said_once_and_the_stream_ends(talk: Pair, reader) -> None:
    write(talk, talk.buyer, "And the lid?")
    carry_all()
    response = stream(reader(talk.seller), talk, talk.seller, after=1)
    (html,) = messages(response)
    assert response.mimetype == "text/event-stream"
    assert "And the lid?" in html and "Is it still there?" not in html
    assert f"/account/messages/{ids.public(copy_of(talk, talk.seller).id)}/live?after=2" in html


def test_a_silent_stream_shows_that_it_lives_and_ends_by_itself(talk: Pair, reader) -> None:
    text = stream(reader(talk.seller), talk, talk.seller, after=1).get_data(as_text=True)
    assert text.startswith("retry: ")
    assert text.count("\n:\n") >= 2
    assert "event:" not in text


def test_ones_own_messages_are_not_said(talk: Pair, reader) -> None:
    write(talk, talk.seller, "Yes, it is.")
    carry_all()
    assert messages(stream(reader(talk.seller), talk, talk.seller, after=1)) == []


def test_words_are_escaped_and_an_offer_leads_to_the_page(talk: Pair, reader) -> None:
    write(talk, talk.buyer, "<script>alert(1)</script> & </div>\nevent: x\n\ndata: y")
    offer(talk, talk.buyer)
    carry_all()
    (html,) = messages(stream(reader(talk.seller), talk, talk.seller, after=1))
    assert "<script" not in html and "&lt;script&gt;alert(1)&lt;/script&gt; &amp; &lt;/div&gt;" in html
    assert "Answer the offer" in html and "<form" not in html


def test_more_than_a_page_comes_in_pieces(talk: Pair, reader) -> None:
    for number in range(messaging.PAGE + 1):
        write(talk, talk.buyer, f"Question {number}")
    carry_all()
    (html,) = messages(stream(reader(talk.seller), talk, talk.seller, after=1))
    assert html.count('<div id="m') == messaging.PAGE
    assert f"?after={messaging.PAGE + 1}" in html


def test_reading_a_stream_marks_nothing_as_read(talk: Pair, reader) -> None:
    assert messages(stream(reader(talk.seller), talk, talk.seller, after=0))
    assert copy_of(talk, talk.seller).unread == 1


def test_strangers_are_sent_to_the_login_and_others_find_nothing(app: Flask, talk: Pair, reader) -> None:
    response = stream(app.test_client(), talk, talk.seller)
    assert response.status_code == 303 and response.headers["Location"].startswith("/login")
    with_other_thread = reader(talk.buyer)
    assert stream(with_other_thread, talk, talk.seller).status_code == 404
    assert with_other_thread.get(f"/account/messages/{2**53}/live").status_code == 404
    assert (
        with_other_thread.get(f"/account/messages/{ids.public(copy_of(talk, talk.buyer).id)}/live?after=x").status_code
        == 400
    )


def test_a_session_that_was_ended_reads_nothing(talk: Pair, reader) -> None:
    client = reader(talk.seller)
    with transaction(talk.seller) as session:
        sessions.log_out_everywhere(session)
    assert stream(client, talk, talk.seller).status_code == 303


def test_a_session_that_is_ended_while_a_stream_is_open_is_told_nothing_more(talk: Pair, reader) -> None:
    response = stream(reader(talk.seller), talk, talk.seller, after=1)
    with transaction(talk.seller) as session:
        sessions.log_out_everywhere(session)
    write(talk, talk.buyer, "And the lid?")
    carry_all()
    assert messages(response) == []


def test_a_process_that_is_to_end_ends_its_streams(app: Flask, talk: Pair, reader) -> None:
    response = stream(reader(talk.seller), talk, talk.seller, after=1)
    app.extensions["ending"].set()
    text = response.get_data(as_text=True)
    assert text.startswith("retry: ") and "\n:\n" not in text


def test_it_says_that_it_is_there(app: Flask) -> None:
    response = app.test_client().get("/healthz")
    assert (response.status_code, response.text) == (200, "ok\n")


def test_no_cache_and_no_proxy_keeps_a_stream(talk: Pair, reader) -> None:
    response = stream(reader(talk.seller), talk, talk.seller, after=1)
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["X-Accel-Buffering"] == "no"
    assert "Content-Encoding" not in response.headers
    response.close()


def test_a_user_has_three_streams_and_a_fourth_when_one_is_closed(talk: Pair, reader) -> None:
    client = reader(talk.seller)
    open_ones = [stream(client, talk, talk.seller, after=1) for _ in range(MOST_OF_A_USER)]
    refused = stream(client, talk, talk.seller, after=1)
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "30")
    assert stream(reader(talk.buyer), talk, talk.buyer, after=1).status_code == 200
    for each in open_ones:
        each.close()
        each.close()
    assert stream(client, talk, talk.seller, after=1).status_code == 200


def test_places_are_counted_for_all_and_for_each() -> None:
    places = Places(4)
    assert [places.take(1) for _ in range(4)] == [True, True, True, False]
    assert [places.take(2), places.take(3)] == [True, False]
    places.give_back(1)
    assert [places.take(3), places.take(1)] == [True, False]


def test_every_line_of_an_event_is_a_data_line() -> None:
    assert event("message", "a\r\nb\rc\nd") == "event: message\ndata: a\ndata: b\ndata: c\ndata: d\n\n"


def test_when_all_places_are_taken_everybody_is_told_to_come_again(app: Flask, talk: Pair, reader) -> None:
    app.extensions["places"] = Places(0)
    assert stream(reader(talk.buyer), talk, talk.buyer).status_code == 503
