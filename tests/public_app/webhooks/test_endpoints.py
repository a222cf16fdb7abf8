"""The pages of endpoints: adding one, its secret, its health in words, its buttons."""

import re

import pytest

from shared import clock, ids, webhooks
from shared.accounts import throttle
from shared.sharding import transaction
from shared.webhooks import Answer
from tests.factories import webhooks as factory
from tests.factories.accounts import events
from tests.factories.visitors import forms

_SECRET = re.compile(r"whsec_[A-Za-z0-9+/]{43}=")
LIST = "/account/webhooks"
PAGES = ("", "/edit", "/secret", "/delete", "/deliveries", "/replay", "/replay?which=all")


def _page_of(endpoint: int, rest: str = "") -> str:
    return f"{LIST}/{ids.public(endpoint)}{rest}"


def _add(visitor, **fields) -> str:
    """Add an endpoint by the form; returns the secret that the page shows."""
    visitor.open(f"{LIST}/add")
    page = visitor.send(**{"url": factory.URL, "types": ["listing.created"], **fields})
    assert page.status_code == 200, page.text
    (secret,) = _SECRET.findall(page.text)
    return secret


def _main(page) -> str:
    """The words of a page, without its tags."""
    return " ".join(re.sub(r"<[^>]+>", " ", page.text.partition('<main id="main">')[2]).split())


def test_an_account_without_endpoints_is_led_to_adding_one_and_to_the_guide(visitor):
    page = visitor.open(LIST).text
    assert "There is no endpoint yet." in page
    assert 'href="/account/webhooks/add"' in page
    assert 'href="/developers/webhooks"' in page


def test_the_account_leads_to_the_webhooks(visitor):
    assert 'href="/account/webhooks"' in visitor.open("/account").text


def test_the_secret_is_on_the_page_that_answers_and_on_no_other(visitor, ada):
    secret = _add(visitor, description="Shop")
    assert "never again" in visitor.page.text
    assert visitor.page.headers["Cache-Control"] == "no-store"
    endpoint = next(iter(_endpoints(ada)))
    for path in (LIST, *(_page_of(endpoint.id, rest) for rest in PAGES)):
        assert _SECRET.search(visitor.open(path).text) is None, path
        assert visitor.page.headers["Cache-Control"] == "no-store"
    assert (endpoint.url, endpoint.types, endpoint.description) == (factory.URL, ("listing.created",), "Shop")
    assert secret.removeprefix("whsec_") not in visitor.open("/account/export").text


def _endpoints(owner: int) -> list[webhooks.Endpoint]:
    with transaction(owner) as session:
        return webhooks.endpoints(session)


def test_a_form_sent_twice_adds_one_endpoint_and_shows_its_secret_once(visitor, ada):
    data = {**forms(visitor.open(f"{LIST}/add").text)[-1].fields, "url": factory.URL}
    first, second = (visitor.client.post(f"{LIST}/add", data=data) for _ in range(2))
    assert _SECRET.search(first.text)
    assert not _SECRET.search(second.text)
    assert "not shown twice" in second.text
    assert len(_endpoints(ada)) == 1


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"url": ""}, "url", "Enter the address that we are to call"),
        ({"url": "seller.example"}, "url", "begins with https:// or http://"),
        ({"url": "ftp://seller.example/"}, "url", "begins with https:// or http://"),
        ({"url": "https://127.0.0.1/"}, "url", "not one of the public internet"),
        ({"url": "https://[::1]/"}, "url", "not one of the public internet"),
        ({"url": "http://169.254.169.254/latest"}, "url", "not one of the public internet"),
        ({"url": "https://seller.example:8443/"}, "url", "Use the usual port"),
        ({"url": "https://ada:pw@seller.example/"}, "url", "Leave out the user name and password"),
        ({"url": "https://" + "x" * 2000}, "url", "Shorten this to 2,000 characters"),
        ({"types": []}, "types", "Choose at least one kind of event"),
        ({"types": ["listing.burnt"]}, "types", "Choose from the options shown"),
        ({"description": "x" * 201}, "description", "Shorten this to 200 characters"),
        ({"per_second": "101"}, "per_second", "Enter a number from 1 to 100"),
        ({"at_once": "x"}, "at_once", "Enter a number from 1 to 10"),
    ],
)
def test_what_is_wrong_is_said_beside_the_field_and_the_rest_is_kept(visitor, ada, changes, field, words):
    visitor.open(f"{LIST}/add")
    page = visitor.send(**{"url": factory.URL, "description": "My shop", **changes})
    assert page.status_code == 422
    assert f'<a href="#f-{field}">' in page.text
    assert f'id="e-{field}"' in page.text
    assert words in _main(page)
    assert "description" in changes or 'value="My shop"' in page.text
    assert _endpoints(ada) == []


def test_all_that_is_wrong_is_said_at_once(visitor):
    visitor.open(f"{LIST}/add")
    page = visitor.send(url="https://10.0.0.1/", types=[], description="x" * 201, per_second="0", at_once="11")
    wrong = re.findall(r'href="#f-(\w+)"', page.text)
    assert wrong == ["url", "types", "description", "per_second", "at_once"]


def test_digits_of_any_script_are_numbers(visitor, ada):
    _add(visitor, per_second="١٠")
    assert _endpoints(ada)[0].per_second == 10


def test_beyond_ten_endpoints_the_form_says_so(visitor, ada):
    visitor.open(f"{LIST}/add")
    for _ in range(webhooks.MOST_ENDPOINTS):
        factory.endpoint(ada)
    page = visitor.send(url=factory.URL)
    assert page.status_code == 422
    assert "10 endpoints already" in page.text
    assert f"{LIST}/add" not in visitor.open(LIST).text


def test_an_endpoint_is_changed_and_shows_what_was_chosen_before(visitor, ada):
    endpoint = factory.endpoint(ada, types=["listing.sold", "message.received"], description="Shop", per_second=7)
    visitor.open(_page_of(endpoint, "/edit"))
    (form,) = forms(visitor.page.text)
    said = {name: form.fields[name] for name in ("url", "types", "description", "per_second", "at_once")}
    assert said == {
        "url": factory.URL,
        "types": ["listing.sold", "message.received"],
        "description": "Shop",
        "per_second": "7",
        "at_once": "4",
    }
    page = visitor.send(url="https://new.example/in", types=["listing.created"], description="")
    assert "Your changes are saved." in page.text
    shown = factory.shown(endpoint)
    assert (shown.url, shown.types, shown.description) == ("https://new.example/in", ("listing.created",), "")
    visitor.open(_page_of(endpoint, "/edit"))
    assert visitor.send(url="http://localhost.:99/").status_code == 422
    assert factory.shown(endpoint).url == "https://new.example/in"


def test_a_new_secret_is_shown_once_and_the_former_one_signs_on_for_a_day(visitor, ada):
    endpoint, former = factory.endpoint_and_secret(ada)
    visitor.open(_page_of(endpoint, "/secret"))
    fields = forms(visitor.page.text)[-1].fields
    assert fields["overlap"] == "86400"
    page = visitor.send()
    assert _SECRET.findall(page.text) != [former]
    assert "24 hours" in page.text
    assert "A former secret" in visitor.open(_page_of(endpoint)).text
    again = visitor.client.post(_page_of(endpoint, "/secret"), data=fields)
    assert "not shown twice" in again.text
    assert len(factory.shown(endpoint).former_until) == 1


def test_a_secret_that_somebody_else_knows_is_worthless_at_once(visitor, ada):
    endpoint = factory.endpoint(ada)
    visitor.open(_page_of(endpoint, "/secret"))
    assert "signs nothing any more" in visitor.send(overlap="0").text
    assert factory.shown(endpoint).former_until == ()


@pytest.mark.parametrize("overlap", ["", "-1", "1", "604801", "x", "9" * 30])
def test_an_overlap_that_is_not_offered_changes_no_secret(visitor, ada, overlap):
    endpoint = factory.endpoint(ada)
    visitor.open(_page_of(endpoint, "/secret"))
    assert visitor.send(overlap=overlap).status_code == 422
    assert factory.shown(endpoint).former_until == ()


def test_too_many_secrets_that_still_sign_are_refused_in_words(visitor, ada):
    endpoint = factory.endpoint(ada)
    for _ in range(4):
        visitor.open(_page_of(endpoint, "/secret"))
        assert visitor.send().status_code == 200
    visitor.open(_page_of(endpoint, "/secret"))
    page = visitor.send()
    assert page.status_code == 422
    assert "Too many former secrets still sign" in page.text


def test_health_is_told_in_words_from_the_first_failure_to_the_recovery(visitor, ada):
    endpoint = factory.endpoint(ada)
    page = _page_of(endpoint)
    assert "nothing was accepted yet" in _main(visitor.open(page))
    factory.told(ada, listings=2)
    factory.answer_all(endpoint, factory.REFUSED)
    assert "Failing since" in _main(visitor.open(page))
    later = factory.fail_until(endpoint, "degraded")
    with clock.freeze(later):
        words = _main(visitor.open(page))
        assert "Degraded" in words
        assert "one at a time; the next try is at" in words
        assert "Degraded" in _main(visitor.open(LIST))
    later = factory.fail_until(endpoint, "probing")
    with clock.freeze(later):
        assert "One delivery an hour tries whether your server is back" in _main(visitor.open(page))
        visitor.send("try")
        assert factory.answer_all(endpoint, factory.OK) == 1
        assert "Healthy Your server last accepted a delivery just now" in _main(visitor.open(page))


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (Answer(5, status=410), "answered 410 Gone"),
        (Answer(5, status=200, control="disable"), "because your server asked for it"),
    ],
)
def test_the_page_says_why_an_endpoint_was_switched_off(visitor, ada, answer, words):
    endpoint = factory.endpoint(ada)
    factory.told(ada)
    factory.answer_all(endpoint, answer)
    assert words in _main(visitor.open(_page_of(endpoint)))


def test_an_endpoint_without_success_for_five_days_says_so(visitor, ada):
    endpoint = factory.endpoint(ada)
    factory.told(ada)
    factory.fail_until(endpoint, "disabled")
    assert "nothing was accepted for five days" in _main(visitor.open(_page_of(endpoint)))


def test_a_pause_keeps_what_happens_as_missed_and_offers_it_afterwards(visitor, ada):
    endpoint = factory.endpoint(ada)
    visitor.open(_page_of(endpoint))
    assert "You have paused it." in _main(visitor.send("pause"))
    factory.told(ada)
    assert "1 failed or missed" in _main(visitor.open(LIST))
    visitor.open(_page_of(endpoint))
    assert "what failed or was missed (1)" in _main(visitor.send("resume"))
    assert factory.shown(endpoint).state == "active"


def test_a_button_that_does_not_exist_does_nothing(visitor, ada):
    endpoint = factory.endpoint(ada)
    fields = {**forms(visitor.open(_page_of(endpoint)).text)[0].fields, "action": "remove"}
    assert visitor.client.post(_page_of(endpoint, "/act"), data=fields).status_code == 404
    assert len(_endpoints(ada)) == 1


def test_a_sample_goes_to_this_endpoint_alone_and_once(visitor, ada):
    endpoint, other = factory.endpoint(ada, types=["listing.sold"]), factory.endpoint(ada)
    fields = {**forms(visitor.open(_page_of(endpoint)).text)[1].fields, "type": "message.received"}
    for _ in range(2):
        answer = visitor.client.post(_page_of(endpoint, "/test"), data=fields)
        assert (answer.status_code, answer.location) == (303, _page_of(endpoint, "/deliveries"))
    factory.publish_events(ada)
    assert [each.type for each in factory.deliveries(endpoint)] == ["message.received"]
    assert factory.deliveries(other) == []


@pytest.mark.parametrize(("type", "words"), [("", "Choose a kind of event"), ("x", "Choose one of the options shown")])
def test_a_sample_of_nothing_is_refused_on_the_same_page(visitor, ada, type, words):
    endpoint = factory.endpoint(ada)
    visitor.open(_page_of(endpoint))
    page = visitor.send(form=1, type=type)
    assert page.status_code == 422
    assert words in page.text
    assert events(ada) == []


def test_a_paused_endpoint_takes_no_sample(visitor, ada):
    endpoint = factory.endpoint(ada)
    visitor.open(_page_of(endpoint))
    with transaction(ada) as session:
        webhooks.disable(session, endpoint)
    page = visitor.send(form=1, type="listing.sold")
    assert page.status_code == 422
    assert "This endpoint is switched off." in page.text
    assert "Send the sample" not in page.text


def test_samples_are_counted(visitor, ada):
    endpoint = factory.endpoint(ada)
    answers = []
    for _ in range(101):
        visitor.open(_page_of(endpoint))
        answers.append(visitor.send(form=1, type="listing.sold").status_code)
    assert answers == [200] * 100 + [429]


def test_buttons_that_make_us_call_an_address_are_counted_and_those_that_stop_it_are_not(visitor, ada):
    endpoint = factory.endpoint(ada)
    factory.told(ada)
    factory.answer_all(endpoint, factory.REFUSED)
    throttle.count("webhook_call", account=str(ada), times=100)
    visitor.open(_page_of(endpoint))
    fields = forms(visitor.page.text)[0].fields
    for action in ("try", "resume"):
        answer = visitor.client.post(_page_of(endpoint, "/act"), data={**fields, "action": action})
        assert (answer.status_code, int(answer.headers["Retry-After"]) > 0) == (429, True)
    assert visitor.client.post(_page_of(endpoint, "/act"), data={**fields, "action": "pause"}).status_code == 303


def test_addresses_to_be_called_are_counted_and_other_changes_are_not(visitor, ada):
    endpoint = factory.endpoint(ada)
    throttle.count("webhook_address", account=str(ada), times=60)
    visitor.open(f"{LIST}/add")
    assert visitor.send(url=factory.URL).status_code == 429
    assert len(_endpoints(ada)) == 1
    visitor.open(_page_of(endpoint, "/edit"))
    assert "Your changes are saved." in visitor.send(description="Shop").text
    visitor.open(_page_of(endpoint, "/edit"))
    assert visitor.send(url="https://victim.example/").status_code == 429
    assert factory.shown(endpoint).url == factory.URL


def test_deleting_asks_first_and_takes_the_record_along(visitor, ada):
    endpoint = factory.endpoint(ada)
    factory.told(ada)
    path = _page_of(endpoint, "/delete")
    assert "1 waiting delivery goes with it" in _main(visitor.open(path))
    assert visitor.client.head(path).status_code == 200
    assert len(_endpoints(ada)) == 1
    visitor.open(path)
    assert "The endpoint is deleted." in visitor.send().text
    assert _endpoints(ada) == []
    assert visitor.client.get(_page_of(endpoint)).status_code == 404


def test_what_somebody_wrote_into_an_endpoint_acts_nowhere(visitor, ada):
    endpoint = factory.endpoint(ada, "https://seller.example/?q=<script>", description="<b>\u202egpj")
    for path in (LIST, *(_page_of(endpoint, rest) for rest in PAGES)):
        html = visitor.open(path).text
        assert "<script>" not in html and "<b>\u202e" not in html and "\u202e" not in html, path


FORMS = {
    "/edit": {"url": factory.URL, "types": "listing.sold", "per_second": "1", "at_once": "1"},
    "/secret": {"overlap": "0"},
    "/delete": {},
    "/act": {"action": "pause"},
    "/test": {"type": "listing.sold"},
    "/replay": {"which": "all"},
}


def test_to_anybody_else_an_endpoint_does_not_exist(visitor, ada, stranger):
    endpoint = factory.endpoint(ada)
    factory.told(ada)
    factory.answer_all(endpoint, factory.OK)
    before, told = factory.shown(endpoint), len(events(ada))
    eve = stranger()
    hidden = forms(eve.open("/account/name").text)[-1].fields
    (delivery,) = factory.deliveries(endpoint)
    one = f"/deliveries/{ids.public(delivery.id)}"
    assert {eve.client.get(_page_of(endpoint, rest)).status_code for rest in (*PAGES, one)} == {404}
    for rest, fields in (*FORMS.items(), (f"{one}/again", {})):
        sent = eve.client.post(_page_of(endpoint, rest), data={**hidden, **fields})
        assert sent.status_code == 404, rest
    assert factory.shown(endpoint) == before
    assert factory.states(endpoint) == ["delivered"]
    assert len(events(ada)) == told


@pytest.mark.parametrize("number", [0, 1, 2**53, 10**40])
def test_a_number_that_is_no_endpoint_is_not_found(visitor, number):
    assert visitor.client.get(f"{LIST}/{number}").status_code == 404
