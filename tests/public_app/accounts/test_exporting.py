"""The file with everything that the site holds of somebody."""

import json
import tracemalloc

from flask.testing import FlaskClient
from sqlalchemy import insert

from public_app.accounts.exporting import EXPORTS
from shared import ids, listings
from shared.messaging import Message, Thread
from shared.sharding import transaction
from tests.factories import accounts as people
from tests.factories import listings as goods
from tests.factories.browser import send_form

ADDRESS = "anna@example.org"
BODY = "ß" * 4000


def log_in(visitor: FlaskClient) -> None:
    assert send_form(visitor, "/login", email=ADDRESS, password=people.PASSWORD).status_code == 303


def write_many(owner: int, count: int) -> None:
    thread = ids.compose(owner, 1)
    about = {"other": 1, "other_name": "Bo", "listing": 1, "title": "Bicycle", "last_at": 1}
    values = {"thread": thread, "mine": True, "kind": "text", "state": "", "share_address": False}
    rows = [
        {"id": id, "owner": owner, "number": number, "source": id, "body": BODY, "created_at": number, **values}
        for number, id in ((number, ids.compose(owner, number)) for number in range(1, count + 1))
    ]
    with transaction(owner) as session:
        session.execute(insert(Thread), [{"id": thread, "owner": owner, **about}])
        session.execute(insert(Message), rows)


def test_the_file_has_every_room_with_every_row_in_order(visitor: FlaskClient) -> None:
    owner = people.confirmed()
    first, second = goods.published(owner, photos=2), goods.draft(owner, title='A "red" one')
    goods.change(first, listings.remove)
    write_many(owner, 120)
    log_in(visitor)
    answer = visitor.get("/account/export")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.content_length == len(answer.data)
    assert "my-data.json" in answer.headers["Content-Disposition"]
    found = json.loads(answer.data)
    assert set(found) == {"site", "made_at", *EXPORTS}
    assert {"account", "listings", "searches", "messages", "complaints", "mails", "newsletters", "webhooks"} == set(
        EXPORTS
    )
    assert [(each["id"], each["state"], len(each["photos"])) for each in found["listings"]] == [
        (ids.public(first), "removed", 2),
        (ids.public(second), "draft", 0),
    ]
    assert [each["created_at"] for each in found["messages"]] == list(range(1, 121))
    assert found["messages"][0]["text"] == BODY


def test_the_file_names_rows_as_pages_do_and_nobody_by_a_number_of_ours(visitor: FlaskClient) -> None:
    owner = people.confirmed()
    goods.published(owner, photos=1)
    write_many(owner, 1)
    log_in(visitor)
    found = visitor.get("/account/export").get_json()
    rows = [row for name in EXPORTS for row in found[name]]
    assert len(rows) > 2
    assert not [row for row in rows if "owner" in row]
    assert not [row for row in rows if "id" in row and ids.owner_of(row["id"]) == owner]


def test_asking_for_its_size_alone_sends_nothing(visitor: FlaskClient) -> None:
    people.confirmed()
    log_in(visitor)
    with visitor.head("/account/export") as answer:
        assert (answer.status_code, answer.data) == (200, b"")
    assert answer.content_length


def test_a_file_of_many_megabytes_is_not_held_in_memory(visitor: FlaskClient) -> None:
    owner = people.confirmed()
    write_many(owner, 1500)
    log_in(visitor)
    visitor.get("/account/export", buffered=False).close()  # what the first request loads, it keeps
    tracemalloc.start()
    try:
        answer = visitor.get("/account/export", buffered=False)
        size = sum(map(len, answer.response))
        _now, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
        answer.close()
    assert size > 10_000_000
    assert most < 5_000_000
