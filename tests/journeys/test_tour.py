"""docs/tour.md is true: the same steps with a browser, and the page's own receiver as a real process."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.config import ROOT
from tests.journeys.fixtures import NewPerson
from tests.journeys.person import Person
from tests.journeys.site import Site, eventually, free_ports

TOUR = (ROOT / "docs" / "tour.md").read_text(encoding="utf-8")
PASSWORD = "seven purple kettles"


class Tourist:
    """Somebody who does what the page says, and remembers the words of what was used."""

    used: set[str] = set()

    def __init__(self, person: Person) -> None:
        self.person = person

    def fill(self, label: str, value: str) -> "Tourist":
        self.used.add(label)
        self.person.fill(label, value)
        return self

    def press(self, words: str) -> "Tourist":
        self.used.add(words)
        self.person.press(words)
        return self

    def follow(self, words: str) -> "Tourist":
        self.used.add(words)
        self.person.follow(words)
        return self

    def choose(self, label: str) -> "Tourist":
        self.used.add(label)
        self.person.page.locator("main").get_by_label(label).check()
        return self

    def open(self, path: str) -> "Tourist":
        self.person.open(path)
        return self

    def sees(self, words: str) -> bool:
        return words in self.person.page.get_by_role("main").inner_text()

    def reads(self, words: str) -> "Tourist":
        self.person.reads(words)
        return self

    def sign_up(self, email: str, name: str) -> "Tourist":
        self.open("/").follow("Sign up").fill("E-mail address", email).fill("Your public name", name)
        self.fill("Password", PASSWORD).press("Sign up")
        self.open(self.person.site.mailed_link(email, "/account/confirm/")).fill("Password", PASSWORD)
        return self.press("Confirm and log in").reads("Your account")

    def finds(self, path: str, link: str) -> "Tourist":
        """Open a page until there is a link with these words in it, and follow that."""
        found = self.person.page.get_by_role("main").get_by_role("link", name=link)
        eventually(lambda: self.open(path) and found.count() or None, f"link {link!r} on {path}")
        found.first.click()
        return self


class Receiver:
    """The page's own program on a free port, and what it printed."""

    def __init__(self, folder: Path) -> None:
        (self.port,) = free_ports(1)
        (code,) = re.findall(r"```python\n(.*?)```", TOUR, re.S)
        self.said = folder / "said"
        self._file = self.said.open("w")
        program = code.replace("9000", str(self.port))
        command = [sys.executable, "-c", program]
        self.process = subprocess.Popen(command, stdout=self._file, stderr=subprocess.DEVNULL)

    def prints(self, words: str) -> None:
        eventually(lambda: words in self.said.read_text() or None, f"webhook with {words!r}", 60)

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
        self._file.close()


@pytest.fixture
def receiver(tmp_path: Path) -> Iterator[Receiver]:
    receiver = Receiver(tmp_path)
    yield receiver
    receiver.end()


def test_the_tour_is_true(site: Site, new_person: NewPerson, receiver: Receiver) -> None:
    theresa, konrad = (Tourist(new_person(site, False)) for _ in range(2))
    theresa.sign_up("theresa@example.org", "Theresa")
    konrad.sign_up("konrad@example.org", "Konrad")
    konrad.open("/search?q=kettle").follow("Save this search").choose("At once, within some minutes")
    konrad.press("Save the search").reads("The search is saved.")

    theresa.open("/account/webhooks").follow("Add an endpoint")
    theresa.fill("Address", f"http://127.0.0.1:{receiver.port}/").choose("listing.created").choose("message.received")
    theresa.press("Add the endpoint").reads("never again").follow("I have copied it")
    post(theresa)
    receiver.prints("listing.created")

    eventually(lambda: konrad.open("/account/searches").sees("1 new") or None, "news for the saved search")
    konrad.finds("/search?q=kettle", "Enamel kettle").follow("Write to the seller")
    konrad.fill("Your message", "Is the lid tight?").press("Send the message")
    receiver.prints("message.received")
    theresa.finds("/account/messages", "Enamel kettle").reads("Is the lid tight?")

    theresa.finds("/account/webhooks", "127.0.0.1").press("Send the sample")
    theresa.finds("/account/webhooks", "127.0.0.1").follow("Deliveries").reads("answered 204")
    assert set(re.findall(r"\*\*(.+?)\*\*", TOUR, re.S)) - {"bold"} == Tourist.used


def post(seller: Tourist) -> None:
    """Step 5."""
    seller.open("/").follow("Post a listing")
    seller.used.add("Category")
    seller.person.page.get_by_label("Category").select_option(label="Household")
    seller.press("Continue").choose("An amount").fill("Amount", "24.50").fill("Title", "Enamel kettle")
    seller.fill("City or town", "Innsbruck").fill("Description", "Whistles in tune.").press("Save and continue")
    seller.follow("Continue without photos").press("Publish").reads("Your listing is published.")
