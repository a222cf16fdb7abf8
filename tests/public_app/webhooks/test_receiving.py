"""A seller's whole way, through the pages to a receiver of his own, which verifies with the reference library."""

import json
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from flask import Flask
from standardwebhooks import Webhook, WebhookVerificationError

from jobs.webhooks import IDLE_SECONDS, Dispatcher
from public_app import create_app
from shared import ids, listings
from shared.gateways.webhooks import Sender
from tests.factories import webhooks as factory
from tests.factories.listings import change, draft
from tests.factories.settings import settings
from tests.factories.visitors import Visitor
from tests.journeys.site import eventually
from tests.webhook_receiver import Receiver, receiver

LIST = "/account/webhooks"


@pytest.fixture
def app(fleet, tmp_path) -> Flask:
    """A site on which webhooks may go to this machine."""
    return create_app(settings(tmp_path, webhook_loopback=True), testing=True)


@pytest.fixture
def receiving(tmp_path: Path) -> Iterator[Receiver]:
    with receiver(tmp_path) as process:
        yield process


def _add(visitor: Visitor, url: str) -> tuple[str, str]:
    """Add an endpoint by its form; returns the address of its page, and the secret."""
    visitor.open(LIST)
    visitor.open(f"{LIST}/add")
    page = visitor.send(url=url)
    secret = re.search(r"<code>(whsec_[^<]+)</code>", page.text)
    endpoint = re.search(rf'href="({LIST}/\d+)"', page.text)
    assert secret and endpoint, page.text
    return endpoint[1], unescape(secret[1])


def _rotate(visitor: Visitor, endpoint: str) -> str:
    visitor.open(f"{endpoint}/secret")
    found = re.search(r"<code>(whsec_[^<]+)</code>", visitor.send().text)
    assert found
    return unescape(found[1])


def _send_what_is_due(owner: int, receiving: Receiver, calls: int) -> list[dict]:
    """Let the sender work until the receiver was called so often and all is recorded; returns the calls."""
    factory.publish_events(owner)
    dispatcher = Dispatcher(Sender("http://127.0.0.1:8000", loopback=True).send)

    def called() -> list[dict] | None:
        if not dispatcher.step():
            dispatcher.wait(IDLE_SECONDS)
        return requests if len(requests := receiving.requests()) >= calls else None

    requests = eventually(called, f"{calls} calls")
    dispatcher.finish(10)
    return requests


def test_a_listing_published_arrives_signed_and_the_page_shows_the_attempt(visitor, ada, receiving):
    endpoint, secret = _add(visitor, receiving.url())
    listing = draft(ada)
    change(listing, listings.publish)
    (call,) = _send_what_is_due(ada, receiving, 1)
    verified = Webhook(secret).verify(call["body"], call["headers"])
    assert verified["type"] == "listing.created"
    assert verified["data"]["listing"]["id"] == ids.public(listing)
    assert call["headers"]["webhook-id"] == verified["id"]
    page = visitor.open(f"{endpoint}/deliveries")
    assert "<mark>Delivered</mark>" in page.text
    path = re.search(rf'href="({endpoint}/deliveries/\d+)"', page.text)
    assert path
    shown = unescape(visitor.open(path[1]).text)
    assert "<b>200</b>" in shown
    assert "\nfine\n" in shown
    assert call["body"] in shown
    assert "Your server last accepted a delivery" in visitor.open(endpoint).text


def test_with_a_new_secret_both_are_good_for_what_is_sent_in_the_overlap(visitor, ada, receiving):
    endpoint, former = _add(visitor, receiving.url())
    current = _rotate(visitor, endpoint)
    visitor.open(endpoint)
    visitor.send(form=1, type="complaint.created")
    (call,) = _send_what_is_due(ada, receiving, 1)
    for secret in (former, current):
        assert Webhook(secret).verify(call["body"], call["headers"])["test"] is True
    with pytest.raises(WebhookVerificationError):
        Webhook(current).verify(call["body"] + " ", call["headers"])


def test_what_failed_is_sent_again_with_the_same_id_and_body(visitor, ada, receiving):
    endpoint, secret = _add(visitor, receiving.url("/status/500"))
    change(draft(ada), listings.publish)
    (first,) = _send_what_is_due(ada, receiving, 1)
    visitor.open(f"{endpoint}/edit")
    visitor.send(url=receiving.url())
    page = visitor.open(f"{endpoint}/deliveries")
    path = re.search(rf'href="({endpoint}/deliveries/\d+)"', page.text)
    assert path
    visitor.open(path[1])
    visitor.send()
    _, second = _send_what_is_due(ada, receiving, 2)
    assert second["headers"]["webhook-id"] == first["headers"]["webhook-id"]
    assert second["body"] == first["body"]
    assert json.loads(second["body"]) == Webhook(secret).verify(second["body"], second["headers"])
    assert unescape(visitor.open(path[1]).text).count("<b>500</b>") == 1
    assert "<mark>Delivered</mark>" in visitor.page.text
