"""What was typed while the session ended is not lost, without JavaScript."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.journeys.pages import post
from tests.journeys.person import Person
from tests.journeys.site import Site, demo_person
from tests.journeys.visitor import Visitor

TEXT = "It whistles in tune.\n\nTwo litres; the lid is tight, and <b>nothing</b> drips. " + "Come and see. " * 100


@pytest.fixture
def seller(site: Site, chromium: Browser) -> Iterator[Person]:
    """Logged in, without JavaScript."""
    context = chromium.new_context(
        java_script_enabled=False, extra_http_headers={"X-Forwarded-For": "172.21.0.1"}, base_url=site.url
    )
    yield Person(site, context.new_page()).log_in(*demo_person(6))
    context.close()


def end_all_sessions(site: Site) -> None:
    elsewhere = Visitor(site).log_in(*demo_person(6))
    form = next(form for form in elsewhere.get("/account").forms() if form.action == "/account/sessions")
    assert elsewhere.post(form.action, [*form.filled({"session": "all"})]).status == 303


def log_in_beside(person: Person) -> None:
    """Follow the page's link, which opens a tab of its own."""
    with person.page.context.expect_page() as opened:
        person.follow("log in (in a new tab)")
    beside = Person(person.site, opened.value)
    email, password = demo_person(6)
    beside.fill("E-mail address", email).fill("Password", password).press("Log in").reads("Your account")
    beside.page.close()


def test_text_of_a_listing_survives_the_end_of_the_session(site: Site, seller: Person) -> None:
    listing = post(Visitor(site).log_in(*demo_person(6)), "Kettle that whistles")
    seller.open(listing).follow("Manage your listing").follow("Change the details").fill("Description", TEXT)
    end_all_sessions(site)
    seller.press("Save").reads("You are logged out")
    expect(seller.page.get_by_label("Body")).to_have_value(TEXT)
    log_in_beside(seller)
    seller.press("Send it again").reads("all that you typed is here")
    seller.press("Send it again").reads("Your changes are saved.")
    seller.open(listing).reads("the lid is tight, and <b>nothing</b> drips.")


def test_message_survives_the_end_of_the_session(site: Site, seller: Person) -> None:
    listing = post(Visitor(site).log_in(*demo_person(7)), "Kettle that was asked for")
    seller.open(f"{listing}/reply").fill("Your message", "Is the lid tight?")
    end_all_sessions(site)
    seller.press("Send the message").reads("You are logged out")
    log_in_beside(seller)
    seller.press("Send it again").press("Send it again").reads("is on its way")
    site.mail(demo_person(7)[0], "Is the lid tight?")


def test_who_sends_again_without_logging_in_is_asked_again_and_loses_nothing(site: Site, seller: Person) -> None:
    listing = post(Visitor(site).log_in(*demo_person(7)), "Kettle that was asked for twice")
    seller.open(f"{listing}/reply").fill("Your message", "Does it drip?")
    end_all_sessions(site)
    seller.press("Send the message").press("Send it again").reads("You are logged out")
    expect(seller.page.get_by_label("Body")).to_have_value("Does it drip?")
