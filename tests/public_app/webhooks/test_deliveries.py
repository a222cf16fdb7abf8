"""The pages of deliveries: the list, one with its attempts, sending again."""

import re
from html import unescape
from urllib.parse import quote_from_bytes

import pytest

from shared import clock, ids, listings, webhooks
from shared.accounts import throttle
from shared.sharding import read, transaction
from shared.webhooks import Answer, replaying
from tests.factories import webhooks as factory
from tests.factories.listings import change, published, seller
from tests.factories.visitors import forms
from tests.security.test_hostile_input import HOSTILE


def _page_of(endpoint: int, rest: str = "") -> str:
    return f"/account/webhooks/{ids.public(endpoint)}{rest}"


def _only(endpoint: int) -> tuple[webhooks.Delivery, str]:
    """The one delivery of an endpoint, and the address of its page."""
    (delivery,) = factory.deliveries(endpoint)
    return delivery, _page_of(endpoint, f"/deliveries/{ids.public(delivery.id)}")


def _rows(page) -> list[str]:
    """The rows of a list, as words."""
    rows = page.text.partition('<ol class="rows">')[2].partition("</ol>")[0].split("</li>")[:-1]
    return [" ".join(re.sub(r"<[^>]+>", " ", row).split()) for row in rows]


def _codes(page) -> list[str]:
    """What stands in the page letter by letter."""
    return [unescape(each) for each in re.findall(r"<pre><code>(.*?)</code></pre>", page.text, re.S)]


@pytest.fixture
def endpoint(ada) -> int:
    return factory.endpoint(ada)


def test_an_endpoint_without_deliveries_says_how_to_get_one(visitor, endpoint):
    assert "A test on the endpoint’s page makes the first one." in visitor.open(_page_of(endpoint, "/deliveries")).text


def test_each_delivery_tells_its_event_its_state_and_what_comes_next(visitor, ada, endpoint):
    with clock.freeze(1_800_000_000):
        factory.told(ada)
        waiting = _rows(visitor.open(_page_of(endpoint, "/deliveries")))
        factory.answer_all(endpoint, Answer(5, status=503))
        failed = _rows(visitor.open(_page_of(endpoint, "/deliveries")))
    at = "15 January 2027, 08:00:00 UTC"
    assert waiting == [f"listing.created Waiting {at} · first attempt {at}"]
    assert re.fullmatch(
        f"listing.created Waiting {at} · 1 attempt · answered 503 · next attempt 15 January 2027, 08:00:0[4-6] UTC",
        failed[0],
    )


def test_deliveries_are_narrowed_by_event_and_by_state(visitor, ada, endpoint):
    listing = published(ada)
    factory.publish_events(ada)
    factory.answer_all(endpoint, factory.OK)
    change(listing, listings.mark_sold)
    factory.publish_events(ada)

    def shown(query: str) -> list[str]:
        return [row.partition(" ")[0] for row in _rows(visitor.open(_page_of(endpoint, f"/deliveries?{query}")))]

    assert shown("") == shown("type=&state=") == ["listing.sold", "listing.created"]
    assert shown("type=listing.created") == shown("state=delivered") == ["listing.created"]
    assert shown("state=waiting") == ["listing.sold"]
    assert shown("type=listing.created&state=waiting") == []
    assert "Show all" in visitor.page.text
    assert '<option value="waiting" selected>' in visitor.page.text


@pytest.mark.parametrize("query", ["type=x", "state=x", "after=!", "after=" + "A" * 400])
def test_a_question_that_no_form_asks_is_answered_in_words(visitor, endpoint, query):
    assert visitor.client.get(_page_of(endpoint, f"/deliveries?{query}")).status_code == 400


def test_pages_of_deliveries_follow_one_another_without_gap_or_repetition(visitor, ada, endpoint):
    with transaction(ada) as session:
        for _ in range(webhooks.PAGE + 5):
            webhooks.send_test(session, endpoint, "listing.sold")
    factory.publish_events(ada)
    first = visitor.open(_page_of(endpoint, "/deliveries?type=listing.sold"))
    following = re.search(r'href="([^"]+)" rel="next"', first.text)
    assert following
    second = visitor.open(unescape(following[1]))
    links = [re.findall(r'href="[^"]+/deliveries/(\d+)"', page.text) for page in (first, second)]
    assert [len(each) for each in links] == [webhooks.PAGE, 5]
    newest_first = [str(ids.public(each.id)) for each in factory.deliveries(endpoint)]
    assert links[0] + links[1] == newest_first
    assert 'rel="next"' not in second.text
    assert "type=listing.sold" in second.text.partition("First page")[0].rpartition("href")[2]


def test_a_delivery_shows_the_body_as_it_was_sent_and_every_attempt(visitor, ada, endpoint):
    with clock.freeze(1_800_000_000):
        factory.told(ada)
        (attempt,) = factory.take(endpoint)
        refused = Answer(1234, status=500, head="500 Oops\nserver: x", body="Try <b>later</b>")
        factory.turn(endpoint, [(attempt, refused)])
    with clock.freeze(1_800_000_100):
        factory.answer_all(endpoint, Answer(3001, fault="connect", detail="No connection within 3 seconds."))
    delivery, path = _only(endpoint)
    page = visitor.open(path)
    assert _rows(page) == [
        "15 January 2027, 08:01:40 UTC no answer 3,001 ms · No connection within 3 seconds.",
        "15 January 2027, 08:00:00 UTC 500 1,234 ms",
    ]
    assert delivery.message_id in page.text
    assert "Nothing came back." in page.text
    assert _codes(page) == [attempt.body.decode()]
    first = visitor.open(f"{path}?attempt=1")
    assert _codes(first) == ["500 Oops\nserver: x\n\nTry <b>later</b>", attempt.body.decode()]
    assert visitor.client.get(f"{path}?attempt=3").status_code == 404
    assert visitor.client.get(f"{path}?attempt=x").status_code == 400


def test_an_answer_acts_nowhere_on_the_page_that_shows_it(visitor, ada, endpoint):
    factory.told(ada)
    hostile = "<script>alert(1)</script></code></pre>\x00\x1b[31m\u202e\ufffe\ud83d{{ 7 * 7 }}"
    hostile = hostile.encode("utf-8", "replace").decode()
    factory.answer_all(endpoint, Answer(5, status=200, head=hostile, body=hostile))
    page = visitor.open(_only(endpoint)[1])
    assert "<script>alert" not in page.text
    assert re.search("[\x00\x1b\u202e\ufffe]", page.text) is None
    assert "{{ 7 * 7 }}" in page.text
    assert len(_codes(page)) == 2


def test_a_delivery_without_an_attempt_says_so(visitor, ada, endpoint):
    factory.told(ada)
    page = visitor.open(_only(endpoint)[1])
    assert "There was none yet." in page.text
    assert "First attempt" in page.text or "Next attempt" in page.text


def test_a_delivery_of_another_endpoint_is_not_found(visitor, ada, endpoint):
    other = factory.endpoint(ada)
    factory.told(ada)
    delivery, path = _only(endpoint)
    elsewhere = _page_of(other, f"/deliveries/{ids.public(delivery.id)}")
    assert visitor.client.get(elsewhere).status_code == 404
    fields = forms(visitor.open(path).text)[-1].fields
    assert visitor.client.post(f"{elsewhere}/again", data=fields).status_code == 404


def test_one_delivery_is_sent_again_whatever_became_of_it(visitor, ada, endpoint):
    factory.told(ada)
    factory.answer_all(endpoint, factory.OK)
    visitor.open(_only(endpoint)[1])
    assert "It is sent again." in visitor.send().text
    assert factory.states(endpoint) == ["waiting"]
    factory.answer_all(endpoint, factory.OK)
    assert len(_rows(visitor.open(_only(endpoint)[1]))) == 2


def test_sending_one_again_is_counted(visitor, ada, endpoint):
    factory.told(ada)
    factory.answer_all(endpoint, factory.OK)
    visitor.open(_only(endpoint)[1])
    throttle.count("webhook_call", account=str(ada), times=100)
    assert visitor.send().status_code == 429
    assert factory.states(endpoint) == ["delivered"]


def test_nothing_is_sent_again_to_a_paused_endpoint(visitor, ada, endpoint):
    factory.told(ada)
    path = _only(endpoint)[1]
    fields = forms(visitor.open(path).text)[-1].fields
    with transaction(ada) as session:
        webhooks.disable(session, endpoint)
    assert visitor.client.post(f"{path}/again", data=fields).status_code == 409
    assert "Send it again" not in visitor.open(path).text
    assert factory.states(endpoint) == ["missed"]


def _count(visitor, endpoint: int, **query) -> str:
    page = visitor.client.get(_page_of(endpoint, "/replay"), query_string=query)
    visitor.page = page
    found = re.search(r"<b>([\d,]+) deliver", page.text)
    assert found, page.text
    return found[1]


def test_what_was_missed_is_counted_first_and_sent_when_the_button_is_pressed(visitor, ada, endpoint):
    with transaction(ada) as session:
        webhooks.disable(session, endpoint)
    factory.told(ada, listings=3)
    with transaction(ada) as session:
        webhooks.enable(session, endpoint)
    assert _count(visitor, endpoint, which="missed") == "3"
    assert factory.states(endpoint) == ["missed"] * 3, "a dry run sends nothing"
    assert "Sent again: 3." in visitor.send().text
    assert factory.states(endpoint) == ["waiting"] * 3


def test_a_range_is_counted_by_time_and_event(visitor, ada, endpoint):
    for at in (1_800_000_000, 1_800_003_600):
        with clock.freeze(at):
            factory.told(ada)
            factory.answer_all(endpoint, factory.OK)
    assert _count(visitor, endpoint, which="missed") == "0"
    assert "Send 0 again" not in visitor.page.text
    assert _count(visitor, endpoint, which="all") == "2"
    assert _count(visitor, endpoint, which="all", since="2027-01-15 08:30") == "1"
    assert _count(visitor, endpoint, which="all", until="2027-01-15T08:30") == "1"
    assert _count(visitor, endpoint, which="all", since="2027-01-15 10:30+02:00") == "1"
    assert _count(visitor, endpoint, which="all", since="٢٠٢٧-01-15", until="2027-01-16") == "2"
    assert _count(visitor, endpoint, which="all", types="listing.sold") == "0"
    assert (
        _count(visitor, endpoint, which="all", types=["listing.sold", "listing.created"], since="2027-01-15 08:30")
        == "1"
    )
    visitor.send()
    assert factory.states(endpoint) == ["delivered", "waiting"]


def test_deliveries_are_sent_to_another_endpoint(visitor, ada, endpoint):
    factory.told(ada, listings=2)
    factory.answer_all(endpoint, factory.OK)
    other = factory.endpoint(ada, "https://other.example/")
    assert _count(visitor, endpoint, which="all", to=str(ids.public(other))) == "2"
    assert "would be sent again to https://other.example/." in visitor.page.text
    visitor.send()
    assert factory.states(other) == ["waiting", "waiting"]
    assert factory.states(endpoint) == ["delivered", "delivered"]


def test_a_button_pressed_twice_sends_once(visitor, ada, endpoint):
    factory.told(ada)
    factory.answer_all(endpoint, factory.OK)
    _count(visitor, endpoint, which="all")
    fields = forms(visitor.page.text)[-1].fields
    assert visitor.client.post(_page_of(endpoint, "/replay"), data=fields).status_code == 303
    factory.answer_all(endpoint, factory.OK)
    assert visitor.client.post(_page_of(endpoint, "/replay"), data=fields).status_code == 303
    assert factory.states(endpoint) == ["delivered"]


def test_of_what_is_sent_again_each_delivery_counts(visitor, ada, endpoint):
    factory.told(ada, listings=3)
    factory.answer_all(endpoint, factory.OK)
    throttle.count("webhook_replay", account=str(ada), times=49_997)
    for status, states in ((303, "waiting"), (429, "delivered")):
        _count(visitor, endpoint, which="all")
        fields = forms(visitor.page.text)[-1].fields
        assert visitor.client.post(_page_of(endpoint, "/replay"), data=fields).status_code == status
        assert factory.states(endpoint) == [states] * 3
        factory.answer_all(endpoint, factory.OK)


def test_more_than_go_at_once_are_refused_in_words_and_use_up_nothing(visitor, ada, endpoint, monkeypatch):
    monkeypatch.setattr(replaying, "MOST_REPLAYED", 2)
    monkeypatch.setattr(webhooks, "MOST_REPLAYED", 2)
    factory.told(ada, listings=3)
    factory.answer_all(endpoint, factory.OK)
    throttle.count("webhook_replay", account=str(ada), times=49_998)
    _count(visitor, endpoint, which="all")
    page = visitor.send()
    assert page.status_code == 422
    assert "Choose a shorter time." in page.text
    throttle.count("webhook_replay", account=str(ada), times=2)


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"which": ""}, "Choose what to send again"),
        ({"which": "x"}, "Choose one of the options shown"),
        ({"which": "all", "since": "yesterday"}, "Write the day and the time like"),
        ({"which": "all", "until": "2026-13-01"}, "Write the day and the time like"),
        ({"which": "all", "since": "9" * 300}, "Shorten this"),
        ({"which": "all", "since": "2026-02-02", "until": "2026-02-01"}, "before the time above"),
        ({"which": "all", "types": "x"}, "Choose from the options shown"),
        ({"which": "all", "to": "1"}, "Choose one of the options shown"),
    ],
)
def test_a_range_that_cannot_be_is_told_in_words_and_sends_nothing(visitor, ada, endpoint, query, words):
    factory.told(ada)
    factory.answer_all(endpoint, factory.OK)
    page = visitor.client.get(_page_of(endpoint, "/replay"), query_string=query)
    assert page.status_code == 422
    assert words in page.text
    hidden = forms(visitor.open(_page_of(endpoint)).text)[-1].fields
    assert visitor.client.post(_page_of(endpoint, "/replay"), data={**hidden, **query}).status_code == 422
    assert factory.states(endpoint) == ["delivered"]


@pytest.mark.parametrize("field", ["since", "until", "types", "to"])
def test_nonsense_and_malice_in_a_range_are_told_in_words(visitor, endpoint, field):
    for kind, value in HOSTILE.items():
        path = _page_of(endpoint, "/replay")
        raw = (value if isinstance(value, bytes) else value.encode())[:500]
        answer = visitor.client.get(path, query_string=f"which=all&{field}={quote_from_bytes(raw)}")
        # 400: no address of ours has control characters.
        assert answer.status_code in (200, 400, 422), (field, kind)


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31T23:59:59-23:59", "0001-01-01T00:00+23:59"])
def test_the_ends_of_the_calendar_are_times_too(visitor, endpoint, day):
    assert _count(visitor, endpoint, which="all", since=day) == "0"


def test_another_sellers_endpoint_is_no_target(visitor, ada, endpoint):
    theirs = factory.endpoint(seller())
    factory.told(ada)
    page = visitor.client.get(_page_of(endpoint, "/replay"), query_string={"which": "all", "to": ids.public(theirs)})
    assert page.status_code == 422
    with read(ids.owner_of(theirs)) as session:
        assert webhooks.deliveries(session, theirs) == []


def test_a_replay_to_a_paused_endpoint_says_so_on_its_page(visitor, ada, endpoint):
    factory.told(ada)
    with transaction(ada) as session:
        webhooks.disable(session, endpoint)
    _count(visitor, endpoint, which="missed")
    page = visitor.send()
    assert page.status_code == 422
    assert "This endpoint is switched off." in page.text
    assert factory.states(endpoint) == ["missed"]
