"""Addresses, parameters and bodies that no page of ours would send get a 4xx page that helps."""

import contextlib
import io

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from shared.web import bodies, pagination
from tests.shared.web.test_bodies import Sender
from tests.shared.web.test_csrf import token


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/read?q=%00", 400),
        ("/read?q=%0d%0aSet-Cookie:x", 400),
        ("/read?q=%ff%fe", 400),
        ("/read?q=" + "x" * 3000, 414),
        ("/read?q=" + "x" * 201, 400),
        ("/read?n=ten", 400),
        ("/read?n=10", 400),
        ("/read?n=-1", 400),
        ("/read?n=٣", 400),
        ("/read?n=" + "9" * 500, 400),
        ("/read?sort=price;drop", 400),
        ("/paged?after=AAAA", 400),
        ("/paged?after=../../etc", 400),
        ("/%00", 400),
        ("/../../etc/passwd", 404),
    ],
)
def test_strange_address_is_refused_with_a_page_that_helps(client: FlaskClient, path: str, status: int) -> None:
    response = client.get(path)
    assert response.status_code == status
    assert "<h1>" in response.text
    assert 'href="/search"' in response.text


def test_path_that_is_not_utf_8_is_refused(client: FlaskClient) -> None:
    assert client.get("/", environ_overrides={"PATH_INFO": "/\xff"}).status_code == 400


def test_ordinary_parameters_are_read(client: FlaskClient) -> None:
    assert client.get("/read?q=+caf%C3%A9+&n=9&sort=old").text == "café|9|old"
    assert client.get("/read?unknown=1").text == "|None|new"


def test_repeated_parameter_counts_by_its_first_value(client: FlaskClient) -> None:
    assert client.get("/read?n=1&n=2").text == "|1|new"


@given(query=st.binary(max_size=60))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_query_string_breaks_the_page(client: FlaskClient, query: bytes) -> None:
    for prefix in ("q=", "n=", "sort=", "after="):
        path = "/paged" if prefix == "after=" else "/read"
        response = client.get(path, query_string=prefix + query.decode("latin-1"))
        assert response.status_code in (200, 400, 414)


@given(key=st.tuples(st.integers(0, 2**53 - 1), st.integers(0, 2**53 - 1)))
def test_cursor_comes_back_as_it_was(key: tuple[int, int]) -> None:
    assert pagination.decode(pagination.encode(*key)) == key


@given(text=st.text(max_size=40))
def test_no_cursor_but_ours_is_read(text: str) -> None:
    with contextlib.suppress(pagination.BadCursor):
        assert pagination.encode(*pagination.decode(text)) == text


def test_body_beyond_the_limit_is_refused(client: FlaskClient) -> None:
    response = client.post("/form", data={"csrf_token": token(client), "title": "x" * 300_000})
    assert response.status_code == 413
    assert "larger than we accept" in response.text


URLENCODED = "application/x-www-form-urlencoded"
_PART = b'--x\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n'


def sent(client: FlaskClient, media_type: str, name: bytes, value: bytes) -> TestResponse:
    """A form of ours with one more field, written byte by byte."""
    ours = token(client).encode()
    if media_type == URLENCODED:
        return client.post("/form", data=b"csrf_token=%s&%s=%s" % (ours, name, value), content_type=URLENCODED)
    body = _PART % (b"csrf_token", ours) + _PART % (name, value) + b"--x--\r\n"
    return client.post("/form", data=body, content_type="multipart/form-data; boundary=x")


@pytest.mark.parametrize(
    ("media_type", "name", "value"),
    [
        (URLENCODED, b"title", b"%ff%fe"),
        (URLENCODED, b"title", b"\xff\xfe"),
        (URLENCODED, b"title", b"%ed%a0%80"),
        (URLENCODED, b"ti%fftle", b"x"),
        ("multipart/form-data", b"title", b"\xff\xfe"),
    ],
)
def test_field_that_is_not_utf_8_is_refused_with_a_page(
    client: FlaskClient, media_type: str, name: bytes, value: bytes
) -> None:
    response = sent(client, media_type, name, value)
    assert response.status_code == 400
    assert "The form that you sent has characters that are not valid UTF-8." in response.text


@pytest.mark.parametrize(
    ("media_type", "value"), [(URLENCODED, b"caf%C3%A9+%25ff"), ("multipart/form-data", "café %ff".encode())]
)
def test_field_of_any_language_arrives(client: FlaskClient, media_type: str, value: bytes) -> None:
    assert sent(client, media_type, b"title", value).status_code == 303


@pytest.mark.parametrize(("neighbour", "status"), [("2001:db8:1:2::1", 429), ("2001:db8:2:1::1", 403)])
def test_one_customer_of_a_provider_is_one_network_for_bodies(
    app: Flask, monkeypatch: pytest.MonkeyPatch, neighbour: str, status: int
) -> None:
    monkeypatch.setattr(bodies, "MOST_OF_A_NETWORK", 1)
    answers = list[int]()

    def send(address: str, body: io.BytesIO) -> int:
        client = app.test_client()
        length = {"Content-Length": "1"}
        return client.post(
            "/form", input_stream=body, headers=length, environ_base={"REMOTE_ADDR": address}
        ).status_code

    meanwhile: list[object] = [lambda: answers.append(send(neighbour, io.BytesIO(b"x")))]
    # Received, and only then found to be no form of ours.
    assert send("2001:db8:1:1::1", Sender(b"x", meanwhile)) == 403
    assert answers == [status]


def test_form_of_too_many_parts_is_refused(client: FlaskClient) -> None:
    data = {"csrf_token": token(client)} | {f"field{number}": "x" for number in range(300)}
    assert client.post("/form", data=data, content_type="multipart/form-data").status_code == 413


def test_view_that_takes_uploads_has_its_own_limit(app: Flask) -> None:
    client = app.test_client()
    for size, status in ((300_000, 200), (450_000, 413)):
        data = {"csrf_token": token(client), "photo": (io.BytesIO(b"x" * size), "x.jpg")}
        assert client.post("/upload", data=data, content_type="multipart/form-data").status_code == status
