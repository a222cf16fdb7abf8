"""The same sale in a terminal: w3m has no scripts, no styles and no pictures."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.factories import photos
from tests.journeys.site import Site, eventually
from tests.journeys.terminal import Terminal

TITLE = "Brass desk lamp for terminals"
SELLER, BUYER = ("lamp-seller@example.org", "nineteen brass lamps"), ("lamp-buyer@example.org", "reading in the dark")
NewTerminal = Callable[[], Terminal]


@pytest.fixture
def new_terminal(site: Site, tmp_path: Path) -> Iterator[NewTerminal]:
    opened: list[Terminal] = []

    def make() -> Terminal:
        home = tmp_path / f"home{len(opened)}"
        home.mkdir()
        opened.append(Terminal(site, home))
        return opened[-1]

    yield make
    for terminal in opened:
        terminal.close()


def test_sale_from_sign_up_to_sold_in_w3m(site: Site, new_terminal: NewTerminal) -> None:
    seller = with_account(site, new_terminal(), *SELLER, "Wanda")
    listing = post(seller)
    buyer = with_account(site, new_terminal(), *BUYER, "Ludwig")
    find(buyer).follow(TITLE).reads("Bends where it should.").reads("€31")
    buyer.follow("Write to the seller").write("Your message", "Does the bulb come with it?\n").press("Send the message")
    buyer.reads("on its way")

    assert TITLE in site.mail(SELLER[0], "Does the bulb come with it?").text
    seller.open("/account").follow("Your messages").follow(TITLE).reads("Does the bulb come with it?")
    seller.write("Your message", "It does.\n").press("Send the message").reads("on its way")
    assert "It does." in site.mail(BUYER[0], "It does.").text
    buyer.open("/account").follow("Your messages").follow(TITLE).reads("It does.")
    seller.open(listing).follow("Manage your listing").follow("Change the details").fill("Amount", "29.90").press(
        "Save"
    )
    seller.reads("Your changes are saved.").press("Mark as sold").reads("It is marked as sold.")
    buyer.open(listing).reads("€29.90").reads("This has been sold")


def with_account(site: Site, browser: Terminal, address: str, password: str, name: str) -> Terminal:
    """Sign up from the front page, and confirm by the mailed link, which logs in."""
    browser.follow("Sign up").fill("E-mail address", address).fill("Your public name", name)
    browser.fill("Password", password).press("Sign up").reads("We have sent you an e-mail")
    browser.open(site.mailed_link(address, "/account/confirm/")).fill("Password", password)
    return browser.press("Confirm and log in").reads("Your account")


def post(browser: Terminal) -> str:
    """Post the lamp with two photos; returns the path of its page."""
    browser.open("/post").choose("Category", "Household").press("Continue").reads("Household")
    browser.fill("Title", TITLE).tick("An amount").fill("Amount", "31").fill("City or town", "Innsbruck")
    browser.write("Description", "Bends where it should.\n\nNo bulb.\n").press("Save and continue").reads("Photos")
    for number in (1, 2):
        file = browser.home / f"lamp{number}.jpg"
        file.write_bytes(photos.jpeg(640, 480, seed=number))
        # w3m sends the form by itself once a field that has an accept attribute is filled.
        browser.fill("What it shows", f"Lamp {number}").fill("Add a", str(file)).reads("The photo is saved.")
    browser.follow("Continue to the preview").press("Publish").reads("Your listing is published.")
    return browser.path


def find(browser: Terminal) -> Terminal:
    """Search until the lamp is among the results."""

    def probe() -> Terminal | None:
        browser.open("/search").fill("Words", "brass desk lamp").press("Search")
        return browser if TITLE in browser.page else None

    return eventually(probe, "lamp in the results")
