"""From an event to the body that is sent."""

import json

import pytest

from shared import clock, complaints, ids, listings, webhooks
from shared.errors import Invalid
from shared.sharding import read, transaction
from shared.webhooks.envelope import MOST_BYTES
from shared.webhooks.models import DeliveryRow
from tests.factories import messages
from tests.factories import webhooks as factory
from tests.factories.listings import change, published, seller


def bodies(endpoint: int) -> list[dict]:
    """What would be sent, the oldest event first."""
    found = []
    with read(ids.owner_of(endpoint)) as session:
        for each in reversed(webhooks.deliveries(session, endpoint)):
            found.append(json.loads(webhooks.body(session, each.message)))
    return found


def test_a_published_listing_is_told_with_all_that_strangers_may_see(owner, endpoint):
    with clock.freeze(1_800_000_000):
        listing = published(owner, title="Walnut cupboard", price_amount=12_050, price_currency="EUR")
    assert factory.publish_events(owner) == 1
    (body,) = bodies(endpoint)
    told = body.pop("data")["listing"]
    assert body == {
        "id": factory.deliveries(endpoint)[0].message_id,
        "type": "listing.created",
        "version": 1,
        "timestamp": "2027-01-15T08:00:00Z",
        "sequence": 1,
        "resource_version": 3,
    }
    assert told["id"] == ids.public(listing)
    assert told["url"] == f"http://127.0.0.1:8000/l/{ids.public(listing)}"
    assert told["price"] == {"kind": "amount", "amount": 12_050, "currency": "EUR", "negotiable": False}
    assert told["place"] == {"city": 2775220, "name": "Innsbruck", "country": "AT"}


@pytest.mark.parametrize(
    ("verb", "named", "type", "state"),
    [
        (listings.reserve, {}, "listing.updated", "reserved"),
        (listings.mark_sold, {}, "listing.sold", "sold"),
        (listings.remove, {"reason": "moderated"}, "listing.removed_by_admin", "removed"),
        (listings.remove, {"reason": "deleted"}, "listing.updated", "removed"),
    ],
)
def test_each_change_of_a_listing_has_its_type(owner, endpoint, verb, named, type, state):
    listing = published(owner)
    factory.publish_events(owner)
    change(listing, verb, **named)
    factory.publish_events(owner)
    created, changed = bodies(endpoint)
    assert (changed["type"], changed["data"]["listing"]["state"]) == (type, state)
    assert changed["resource_version"] > created["resource_version"]
    assert changed["sequence"] > created["sequence"]


def test_of_a_removed_listing_nothing_but_its_end_is_told(owner, endpoint):
    change(published(owner), listings.remove, reason="moderated")
    factory.publish_events(owner)
    assert set(bodies(endpoint)[-1]["data"]["listing"]) == {"id", "url", "state"}


def test_a_complaint_is_told_without_who_made_it_and_in_which_words(owner, endpoint):
    reporter = seller("Bo")
    listing = published(owner)
    with transaction(owner) as session:
        complaints.complain(
            session,
            subject="listing",
            listing=listing,
            reason="fraud",
            words="He wanted money first",
            reporter=reporter,
            email="bo@example.org",
        )
    factory.publish_events(owner)
    told = bodies(endpoint)[-1]
    assert told["type"] == "complaint.created"
    assert set(told["data"]["complaint"]) == set(webhooks.BY_NAME["complaint.created"].sample["complaint"])
    assert (told["data"]["complaint"]["subject"], told["data"]["complaint"]["reason"]) == ("listing", "fraud")
    for secret in ("money first", "bo@example.org", str(ids.public(ids.compose(reporter, 0)))):
        assert secret not in json.dumps(told)


def test_a_message_is_told_to_whom_it_was_written_with_its_words_and_who_wrote_it(fleet):
    both = messages.pair(buyer="Bo", owner="Ada")
    endpoint, other = (factory.endpoint(each, types=["message.received"]) for each in (both.seller, both.buyer))
    messages.write(both, both.buyer, "Is it still there?")
    messages.offer(both, both.buyer, 9_950, "EUR")
    messages.carry_all()
    for each in (both.seller, both.buyer):
        factory.publish_events(each)
    asked, offered = (each["data"]["message"] for each in bodies(endpoint))
    assert (asked["from"], asked["kind"], asked["text"], asked["offer"]) == ("Bo", "text", "Is it still there?", None)
    assert (offered["kind"], offered["offer"]) == ("offer", {"amount": 9_950, "currency": "EUR"})
    assert asked["listing"] == ids.public(both.listing)
    assert set(asked) == set(webhooks.BY_NAME["message.received"].sample["message"])
    assert bodies(other) == []


def test_an_event_is_published_once_however_often_it_is_handed_over(owner, endpoint):
    published(owner)
    assert factory.publish_events(owner) == 1
    assert factory.publish_events(owner) == 0
    assert factory.states(endpoint) == ["waiting"]


def test_only_endpoints_that_want_a_type_get_it_and_all_get_the_same_bytes(owner):
    wanting = [factory.endpoint(owner, types=["listing.created"]) for _ in range(2)]
    other = factory.endpoint(owner, types=["listing.sold"])
    factory.told(owner)
    (one,), (two,) = (factory.take(each) for each in wanting)
    assert one.body == two.body
    assert one.headers["webhook-id"] == two.headers["webhook-id"]
    assert factory.take(other) == []


def test_nothing_is_kept_for_sellers_without_endpoints(owner):
    factory.told(owner)
    with read(owner) as session:
        assert session.query(DeliveryRow).filter(DeliveryRow.owner == owner).all() == []


def test_too_long_a_body_becomes_a_thin_one_and_is_never_dropped(owner, endpoint):
    listing = published(owner)
    change(listing, grow)
    factory.publish_events(owner)
    (attempt,) = factory.take(endpoint)
    assert len(attempt.body) < MOST_BYTES
    data = json.loads(attempt.body)["data"]
    assert data["truncated"] is True
    assert data["listing"]["id"] == ids.public(listing)


def grow(_session, listing) -> None:
    """Longer than the form lets anybody write."""
    listing.fields = {"note": "ü" * MOST_BYTES}


@pytest.mark.parametrize("type", factory.ALL_TYPES)
def test_the_sample_of_every_type_can_be_sent_to_one_endpoint(owner, endpoint, type):
    other = factory.endpoint(owner)
    with transaction(owner) as session:
        webhooks.send_test(session, endpoint, type)
    factory.publish_events(owner)
    (body,) = bodies(endpoint)
    assert (body["type"], body["test"], body["data"]) == (type, True, webhooks.BY_NAME[type].sample)
    assert bodies(other) == []


def test_a_test_needs_a_type_and_an_endpoint_that_is_on(owner, endpoint):
    with transaction(owner) as session, pytest.raises(Invalid):
        webhooks.send_test(session, endpoint, "listing.burnt")
    with transaction(owner) as session:
        webhooks.disable(session, endpoint)
    with transaction(owner) as session, pytest.raises(webhooks.EndpointDisabled):
        webhooks.send_test(session, endpoint, "listing.sold")


def test_the_samples_have_the_fields_of_the_real_thing(owner, endpoint):
    factory.told(owner)
    (body,) = bodies(endpoint)
    sample = webhooks.BY_NAME["listing.created"].sample["listing"]
    assert set(body["data"]["listing"]) == set(sample)
    assert set(body["data"]["listing"]["price"]) == set(sample["price"])
