"""A person with a graphical browser, who finds everything by its label or its words."""

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.journeys.site import Site, eventually


class Person:
    """Drives one page of a browser; every step checks that it led where it should."""

    def __init__(self, site: Site, page: Page) -> None:
        self.site, self.page = site, page

    def open(self, path: str) -> "Person":
        response = self.page.goto(self.site.url + path)
        assert response and response.status < 400, f"{path}: {response and response.status}"
        return self

    def fill(self, label: str, value: str) -> "Person":
        self.page.locator("main").get_by_label(re.compile(f"^{re.escape(label)}")).first.fill(value)
        return self

    def press(self, words: str) -> "Person":
        self.page.get_by_role("button", name=words, exact=True).last.click()
        return self

    def follow(self, words: str) -> "Person":
        self.page.get_by_role("link", name=words, exact=True).first.click()
        return self

    def reads(self, words: str) -> "Person":
        expect(self.page.locator("main")).to_contain_text(words)
        return self

    @property
    def path(self) -> str:
        return self.page.url.removeprefix(self.site.url)

    def sign_up(self, email: str, name: str, password: str) -> "Person":
        self.open("/").follow("Sign up").fill("E-mail address", email)
        self.fill("Your public name", name).fill("Password", password).press("Sign up").reads(
            "We have sent you an e-mail"
        )
        self.open(self.site.mailed_link(email, "/account/confirm/")).fill("Password", password)
        return self.press("Confirm and log in").reads("Your account")

    def log_in(self, email: str, password: str) -> "Person":
        self.open("/login").fill("E-mail address", email).fill("Password", password).press("Log in")
        return self.reads("Your account")

    def describe(self, title: str, body: str, price: str, category: str = "Household") -> "Person":
        """The first two steps of posting: the category, then the details."""
        self.open("/").follow("Post a listing")
        self.page.get_by_label("Category").select_option(label=category)
        self.press("Continue").reads(category)
        self.page.get_by_label("An amount").check()
        self.fill("Title", title).fill("Amount", price).fill("City or town", "Innsbruck").fill("Description", body)
        return self.press("Save and continue").reads("Photos")

    def add_photo(self, file: Path, words: str) -> "Person":
        self.page.get_by_label(re.compile("^Add a")).set_input_files(file)
        self.fill("What it shows", words).press("Upload")
        return self.reads("The photo is saved.")

    def publish(self) -> str:
        """From the preview to the listing's page; returns its path."""
        self.follow("Continue to the preview").press("Publish").reads("Your listing is published.")
        return self.path

    def finds(self, question: str, title: str, listed: bool = True) -> "Person":
        """Search until the title is among the results, or is not any more."""

        def probe() -> bool | None:
            self.open("/search").fill("Words", question).press("Search")
            # A browser may keep a page of results for 30 seconds; we look again sooner than that.
            self.page.wait_for_url("**/search?**")
            self.page.reload()
            return (self.page.locator("main").get_by_role("link", name=title, exact=True).count() > 0) == listed or None

        eventually(probe, f"search that {'finds' if listed else 'does not find'} {title!r}")
        return self
