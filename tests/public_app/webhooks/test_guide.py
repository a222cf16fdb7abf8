"""The page for those who write a receiver tells what the code does, to anybody."""

import json
import re
from html import unescape

import pytest
from flask.testing import FlaskClient

from public_app.webhooks.guiding import LANGUAGES, VERIFIERS
from shared import webhooks
from shared.accounts import throttle
from shared.gateways import webhooks as gateway
from shared.webhooks import health
from shared.webhooks.housekeeping import KEEP_SECONDS
from tests.factories.site import public_site


@pytest.fixture
def client(fleet, tmp_path) -> FlaskClient:
    return public_site(tmp_path)


@pytest.fixture
def words(client) -> str:
    """The page without its tags."""
    return " ".join(unescape(re.sub(r"<[^>]+>", "", client.get("/developers/webhooks").text)).split())


def test_any_cache_may_keep_the_page(client):
    answer = client.get("/developers/webhooks")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "public, max-age=30"
    assert "Set-Cookie" not in answer.headers


def test_every_type_is_described_and_shown_as_it_would_be_sent(client):
    codes = [
        unescape(each)
        for each in re.findall(r"<pre><code>(.*?)</code></pre>", client.get("/developers/webhooks").text, re.S)
    ]
    shown = [json.loads(each) for each in codes if each.startswith("{")]
    assert shown == [json.loads(webhooks.sample(name)) for name in webhooks.BY_NAME]
    assert [each["type"] for each in shown] == list(webhooks.BY_NAME)


def test_a_sample_has_the_envelope_of_what_is_sent(client):
    for name, type in webhooks.BY_NAME.items():
        sample = json.loads(webhooks.sample(name))
        assert list(sample) == ["id", "type", "version", "timestamp", "sequence", "resource_version", "data"]
        assert (sample["type"], sample["data"]) == (name, type.sample)


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_is_shown_as_its_file_is(client, language):
    text = (VERIFIERS / LANGUAGES[language]).read_text()
    assert f"<h3>{language}</h3>" in client.get("/developers/webhooks").text
    assert text in unescape(client.get("/developers/webhooks").text)


def test_the_page_says_the_numbers_of_the_code(words):
    assert "tried 14 times in about 93 hours" in words
    assert "5 s, 30 s, 2 min, 10 min, 30 min, 1 h, 2 h, 4 h, 8 h, 12 h, 18 h, 24 h, 24 h" in words
    assert "at most 64,000 bytes" in words
    assert "25 in a second and 4 at once" in words
    in_a_day = throttle.LIMITS["webhook_replay"][1]
    assert (in_a_day, "up to 10,000 at once, and 50,000 in a day" in words) == (throttle.Limit(50_000, 86_400), True)
    assert (health.DEGRADED_AFTER, "After four failures in a row" in words) == (4, True)
    assert (health.PROBING_SECONDS, "After a quarter of an hour" in words) == (900, True)
    assert (health.DISABLED_SECONDS, "After five days" in words) == (5 * 86_400, True)
    assert (list(health.WARNINGS.values()), "after one day and after three" in words) == ([86_400, 3 * 86_400], True)
    waits = (gateway.DEADLINE_SECONDS, gateway.CONNECT_SECONDS, gateway.MOST_BYTES)
    assert (waits, "within 15 seconds, or no connection within 3" in words) == ((15, 3, 20_000), True)
    assert (KEEP_SECONDS, "every attempt of 30 days" in words) == (30 * 86_400, True)
