"""A thread that is open in a browser: what the other side writes appears by itself, and without scripts by the link."""

import re

from playwright.sync_api import ConsoleMessage, Route, expect

from tests.journeys.fixtures import NewPerson
from tests.journeys.pages import post
from tests.journeys.person import Person
from tests.journeys.site import Site, demo_person, eventually
from tests.journeys.visitor import Visitor

SELLER, BUYER = 21, 22


def begun(site: Site, title: str) -> tuple[Visitor, str]:
    """The buyer, who has asked about a listing of the seller, and his page of the thread."""
    listing = post(Visitor(site).log_in(*demo_person(SELLER)), title)
    buyer = Visitor(site).log_in(*demo_person(BUYER))
    ask = eventually(lambda: (page := buyer.get(f"{listing}/reply")).status == 200 and page or None, "page to ask on")
    sent = buyer.submit(ask, ask.form("body"), body="Is it still there?")
    assert sent.status == 303, sent.text
    return buyer, sent.location


def say(buyer: Visitor, thread: str, words: str) -> None:
    page = buyer.get(thread)
    assert buyer.submit(page, page.form("body"), body=words).status == 303


def opened(site: Site, person: Person, title: str) -> Person:
    """The seller's page of the thread."""
    person.log_in(*demo_person(SELLER))

    def there() -> bool | None:
        person.open("/account/messages")
        return person.page.get_by_role("link", name=re.compile(re.escape(title))).count() > 0 or None

    eventually(there, "thread in the list")
    person.page.get_by_role("link", name=re.compile(re.escape(title))).first.click()
    return person.reads("Is it still there?")


def test_messages_appear_one_after_the_other_without_loading_the_page_again(
    any_site: Site, new_person: NewPerson
) -> None:
    buyer, thread = begun(any_site, "Lamp that talks")
    seller, complaints = new_person(any_site, True), list[str]()
    seller.page.on("console", lambda message: _note(complaints, message))
    opened(any_site, seller, "Lamp that talks")
    seller.page.evaluate("window.notLoadedAgain = true")
    for words in ("Does it <b>work</b>?", "And the shade & the bulb?"):
        say(buyer, thread, words)
        seller.reads(words)
    assert seller.page.evaluate("window.notLoadedAgain")
    assert seller.page.locator("#messages div[id^=m]").count() == 3
    seller.fill("Your message", "Yes, both.").press("Send the message").reads("Yes, both.")
    say(buyer, thread, "I come on Friday.")
    seller.reads("I come on Friday.")
    assert seller.page.locator("#messages div[id^=m]").count() == 5
    assert complaints == []


def _note(complaints: list[str], message: ConsoleMessage) -> None:
    if "Content Security Policy" in message.text:
        complaints.append(message.text)


def test_a_refused_stream_leaves_the_page_as_it_is_and_is_asked_for_again(site: Site, new_person: NewPerson) -> None:
    buyer, thread = begun(site, "Lamp that is refused")
    seller, stream = new_person(site, True), "**/live?*"

    def refuse(route: Route) -> None:
        route.fulfill(status=503, headers={"Retry-After": "30"}, body="Busy.")

    seller.page.route(stream, refuse)
    opened(site, seller, "Lamp that is refused")
    for _ in range(2):
        with seller.page.expect_request(stream):
            pass
    seller.fill("Your message", "Yes, it is.").press("Send the message").reads("Yes, it is.")
    say(buyer, thread, "I come on Friday.")
    seller.page.unroute(stream)
    seller.reads("I come on Friday.")


def test_without_scripts_the_link_shows_what_is_new(site: Site, new_person: NewPerson) -> None:
    buyer, thread = begun(site, "Lamp without scripts")
    seller = opened(site, new_person(site, False), "Lamp without scripts")
    say(buyer, thread, "Does it work?")

    def there() -> bool | None:
        seller.follow("Look for new messages")
        return "Does it work?" in seller.page.inner_text("main") or None

    eventually(there, "message")
    expect(seller.page.locator("#messages div[id^=m]")).to_have_count(2)
