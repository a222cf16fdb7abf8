"""Signatures and secrets, against the independent verifier of the Standard Webhooks project."""

import base64
import re

import pytest
from sqlalchemy import text
from standardwebhooks import Webhook, WebhookVerificationError

from shared import clock, webhooks
from shared.errors import Invalid
from shared.sharding import transaction
from tests.factories import webhooks as factory

DAY = 86_400


def rotate(endpoint: int, owner: int, **named) -> str:
    with transaction(owner) as session:
        return webhooks.rotate_secret(session, endpoint, **named)


def sent(endpoint: int) -> tuple[bytes, dict[str, str]]:
    """The body and headers of the next attempt."""
    (attempt,) = factory.take(endpoint, room=1)
    return attempt.body, dict(attempt.headers)


def test_the_independent_verifier_accepts_what_we_sign(owner):
    endpoint, secret = factory.endpoint_and_secret(owner)
    factory.told(owner)
    body, headers = sent(endpoint)
    assert Webhook(secret).verify(body, headers)["type"] == "listing.created"


def test_it_refuses_a_body_that_was_changed_and_another_endpoints_secret(owner):
    endpoint, secret = factory.endpoint_and_secret(owner)
    _, other = factory.endpoint_and_secret(owner)
    factory.told(owner)
    body, headers = sent(endpoint)
    for key, what in ((secret, body + b" "), (other, body)):
        with pytest.raises(WebhookVerificationError):
            Webhook(key).verify(what, headers)


def test_a_secret_has_the_format_of_the_standard_and_is_in_no_database(fleet, owner):
    _, secret = factory.endpoint_and_secret(owner)
    assert re.fullmatch(r"whsec_[A-Za-z0-9+/]{43}=", secret)
    raw = base64.b64decode(secret.removeprefix("whsec_"))
    for database in fleet.shards.values():
        with database.reader.connect() as connection:
            for row in connection.execute(text("SELECT * FROM webhook_endpoint")):
                assert secret.removeprefix("whsec_") not in str(row)
                assert raw.hex() not in str(row)


def test_both_secrets_sign_during_the_overlap_and_the_former_no_longer_after_it(owner):
    endpoint, former = factory.endpoint_and_secret(owner)
    current = rotate(endpoint, owner)
    factory.told(owner, listings=2)
    body, headers = sent(endpoint)
    assert re.fullmatch(r"v1,[A-Za-z0-9+/]{43}= v1,[A-Za-z0-9+/]{43}=", headers["webhook-signature"])
    for secret in (former, current):
        assert Webhook(secret).verify(body, headers)
    # The verifier compares with the real clock, so it is the overlap that is made short.
    latest = rotate(endpoint, owner, overlap_seconds=0)
    body, headers = sent(endpoint)
    assert " " not in headers["webhook-signature"]
    assert Webhook(latest).verify(body, headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(current).verify(body, headers)


def test_the_overlap_is_a_day_unless_the_seller_says_otherwise_and_seven_at_most(owner):
    endpoint, _ = factory.endpoint_and_secret(owner)
    now = clock.now()
    with clock.freeze(now):
        rotate(endpoint, owner)
        assert factory.shown(endpoint).former_until == (now + DAY,)
        with pytest.raises(Invalid):
            rotate(endpoint, owner, overlap_seconds=7 * DAY + 1)
    with clock.freeze(now + DAY):
        assert factory.shown(endpoint).former_until == ()


def test_at_most_five_secrets_sign_at_once(owner):
    endpoint, _ = factory.endpoint_and_secret(owner)
    for _ in range(4):
        rotate(endpoint, owner)
    with pytest.raises(webhooks.TooMany):
        rotate(endpoint, owner)
    rotate(endpoint, owner, overlap_seconds=0)


def test_each_attempt_has_the_id_of_its_event_and_a_timestamp_of_its_own(owner):
    endpoint = factory.endpoint(owner)
    factory.told(owner)
    now = clock.now()
    with clock.freeze(now):
        (first,) = factory.take(endpoint)
        factory.turn(endpoint, [(first, factory.REFUSED)])
    with clock.freeze(now + 10):
        (second,) = factory.take(endpoint)
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert int(second.headers["webhook-timestamp"]) - int(first.headers["webhook-timestamp"]) == 10
    assert first.body == second.body


def test_nothing_that_is_sent_shows_in_a_log_of_the_attempt(owner):
    endpoint = factory.endpoint(owner)
    factory.told(owner)
    (attempt,) = factory.take(endpoint)
    assert "v1," not in repr(attempt)
    assert "listing.created" not in repr(attempt)
