"""Adding, changing, switching and removing endpoints. Which addresses are refused is in tests/security."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from shared import webhooks
from shared.errors import Invalid, NotFound
from shared.sharding import once, read, transaction
from tests.factories import webhooks as factory
from tests.factories.listings import seller

GIVEN = {"url": factory.URL, "types": factory.ALL_TYPES}


def change(owner: int, verb, *arguments, **named):
    with transaction(owner) as session:
        return verb(session, *arguments, **named)


def test_an_endpoint_is_kept_as_it_was_given(owner):
    endpoint = factory.endpoint(owner, "https://bücher.example/hök?für=a b".replace(" ", "%20"), types=["listing.sold"])
    shown = factory.shown(endpoint)
    assert shown.url == "https://xn--bcher-kva.example/h%C3%B6k?f%C3%BCr=a%20b"
    assert (shown.types, shown.state, shown.missed) == (("listing.sold",), "active", 0)
    assert (shown.per_second, shown.at_once) == (25, 4)


def test_everything_that_is_wrong_is_told_at_once(owner):
    wrong = {"url": "ftp://x", "types": [], "description": "x" * 201, "per_second": 0, "at_once": 11}
    with pytest.raises(Invalid) as told:
        factory.endpoint(owner, **wrong)
    assert set(told.value.fields) == set(wrong)


def test_a_kind_of_event_that_does_not_exist_is_refused(owner):
    with pytest.raises(Invalid):
        factory.endpoint(owner, types=["listing.created", "listing.burnt"])


def test_a_seller_has_ten_endpoints_at_most(owner):
    for _ in range(10):
        factory.endpoint(owner)
    with pytest.raises(webhooks.TooMany):
        factory.endpoint(owner)


def test_ten_stay_ten_however_many_are_added_at_the_same_moment(owner):
    factory.endpoint(owner)
    ready = threading.Barrier(14)

    def add(number: int) -> bool:
        ready.wait()
        try:
            return once(owner, bytes([number] * 16), lambda session: bool(webhooks.create(session, **GIVEN)))
        except webhooks.TooMany:
            return False

    with ThreadPoolExecutor(14) as threads:
        added = list(threads.map(add, range(14)))
    with read(owner) as session:
        assert len(webhooks.endpoints(session)) == 1 + sum(added) == webhooks.MOST_ENDPOINTS


@pytest.mark.parametrize("verb", [webhooks.rotate_secret, webhooks.enable, webhooks.disable, webhooks.remove])
def test_a_stranger_learns_nothing(owner, verb):
    endpoint = factory.endpoint(owner)
    with pytest.raises(NotFound):
        change(seller(), verb, endpoint)
    assert factory.shown(endpoint).state == "active"


def test_an_edit_changes_where_waiting_deliveries_go(owner):
    endpoint = factory.endpoint(owner)
    factory.told(owner)
    change(owner, webhooks.edit, endpoint, url="https://new.example/", types=["listing.sold"], description="New")
    (attempt,) = factory.take(endpoint)
    assert attempt.url == "https://new.example/"


def test_what_waits_is_missed_when_an_endpoint_is_switched_off_and_what_comes_later_too(owner):
    endpoint = factory.endpoint(owner)
    factory.told(owner)
    change(owner, webhooks.disable, endpoint)
    factory.told(owner)
    assert factory.states(endpoint) == ["missed", "missed"]
    assert factory.take(endpoint) == []
    change(owner, webhooks.enable, endpoint)
    assert factory.shown(endpoint).missed == 2
    assert factory.take(endpoint) == [], "nothing is sent again unless the seller wants it"


def test_an_answer_that_comes_after_the_switch_changes_nothing_but_its_own_delivery(owner):
    endpoint = factory.endpoint(owner)
    factory.told(owner, listings=2)
    one, other = factory.take(endpoint)
    change(owner, webhooks.disable, endpoint)
    factory.turn(endpoint, [(one, factory.OK), (other, factory.REFUSED)])
    assert sorted(factory.states(endpoint)) == ["delivered", "missed"]
    assert factory.shown(endpoint).reason == "seller"


def test_a_removed_endpoint_takes_its_deliveries_and_attempts_along(fleet, owner):
    endpoint, kept = factory.endpoint(owner), factory.endpoint(owner)
    factory.told(owner)
    for each in (endpoint, kept):
        factory.answer_all(each, factory.OK)
    change(owner, webhooks.remove, endpoint)
    with read(owner) as session:
        assert [each.id for each in webhooks.endpoints(session)] == [kept]
    (delivery,) = factory.deliveries(kept)
    with read(owner) as session:
        assert len(webhooks.attempts(session, delivery.id)) == 1


def test_an_answer_for_an_endpoint_that_was_removed_is_dropped(owner):
    endpoint = factory.endpoint(owner)
    factory.told(owner)
    (attempt,) = factory.take(endpoint)
    change(owner, webhooks.remove, endpoint)
    assert factory.turn(endpoint, [(attempt, factory.OK)], room=5) == []


def test_a_closed_account_keeps_nothing(owner):
    endpoint = factory.endpoint(owner)
    factory.told(owner)
    factory.answer_all(endpoint, factory.OK)
    factory.told(owner)
    (under_way,) = factory.take(endpoint)
    change(owner, webhooks.forget_all)
    assert factory.turn(endpoint, [(under_way, factory.OK)], room=5) == []
    with read(owner) as session:
        assert list(webhooks.export(session)) == []
        assert webhooks.attempts(session, under_way.delivery) == []


def test_the_download_of_ones_data_names_endpoints_and_deliveries_and_no_secret(owner):
    _, secret = factory.endpoint_and_secret(owner)
    factory.told(owner)
    with read(owner) as session:
        found = list(webhooks.export(session))
    assert [each["kind"] for each in found] == ["webhook endpoint", "webhook delivery"]
    assert "salt" not in str(found) and secret.removeprefix("whsec_") not in str(found)
