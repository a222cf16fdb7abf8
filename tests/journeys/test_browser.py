"""A seller and a buyer with a graphical browser, from signing up to the sale: without JavaScript, and with it."""

from collections.abc import Callable
from pathlib import Path

from tests.factories import photos
from tests.journeys.fixtures import NewPerson
from tests.journeys.person import Person
from tests.journeys.site import Site, demo_person

SELLER_PASSWORD, BUYER_PASSWORD = "seven purple kettles", "an umbrella for two"


def test_sale_from_sign_up_to_sold_without_javascript(any_site: Site, new_person: NewPerson, tmp_path: Path) -> None:
    sell_a_kettle(any_site, lambda: new_person(any_site, False), tmp_path, "off")


def test_sale_from_sign_up_to_sold_with_javascript(site: Site, new_person: NewPerson, tmp_path: Path) -> None:
    sell_a_kettle(site, lambda: new_person(site, True), tmp_path, "on")


def sell_a_kettle(site: Site, person: Callable[[], Person], tmp_path: Path, run: str) -> None:
    """The whole journey; `run` sets its names apart from those of another run on the same site."""
    title = f"Enamel kettle scripts{run}"
    seller_address, buyer_address = f"seller-{run}@example.org", f"buyer-{run}@example.org"
    seller = person().sign_up(seller_address, "Theresa", SELLER_PASSWORD)
    seller.describe(title, "Whistles in tune.\n\nTwo litres, no dents.", "24.50")
    for number in (1, 2):
        file = tmp_path / f"photo {number}.jpg"
        file.write_bytes(photos.jpeg(640, 480, seed=number))
        seller.add_photo(file, f"The kettle from side {number}")
    listing = seller.publish()
    assert seller.page.get_by_role("main").get_by_role("img").count() == 2

    buyer = person().sign_up(buyer_address, "Konrad", BUYER_PASSWORD)
    buyer.finds(f"scripts{run} kettle", title).follow(title).reads("Whistles in tune.").reads("€24.50")
    assert buyer.path == listing
    buyer.follow("Write to the seller").fill("Your message", "Is the lid tight? I could come on Friday.")
    buyer.press("Send the message").reads("on its way")

    mail = site.mail(seller_address, "Is the lid tight?")
    assert "Konrad" in mail.subject + mail.text
    assert buyer_address not in mail.text + str(mail.headers), "the buyer did not give his address"
    seller.open("/account/messages").page.get_by_role("link", name=title).first.click()
    seller.reads("Is the lid tight? I could come on Friday.")
    seller.fill("Your message", "It is. Friday suits me.").press("Send the message").reads("on its way")
    site.mail(buyer_address, "It is. Friday suits me.")
    buyer.open("/account/messages").page.get_by_role("link", name=title).first.click()
    buyer.reads("It is. Friday suits me.")

    seller.open(listing).follow("Manage your listing").follow("Change the details").fill("Title", f"{title} with lid")
    seller.fill("Amount", "22").press("Save").reads("Your changes are saved.")
    buyer.open(listing).reads(f"{title} with lid").reads("€22")
    seller.press("Mark as sold").reads("It is marked as sold.")
    buyer.finds(f"scripts{run} kettle", f"{title} with lid", listed=False)
    buyer.open(listing).reads("This has been sold")


def test_guest_publishes_and_manages_by_the_mailed_link(site: Site, new_person: NewPerson) -> None:
    title, address = "Wicker armchair for a guest", "guest@example.org"
    guest = new_person(site, False).describe(title, "Creaks a little.", "15")
    guest.follow("Continue without photos").fill("Your e-mail address", address).press("Send me the link")
    guest.reads("Look into your mail")
    link = site.mailed_link(address, "/manage")

    elsewhere = new_person(site, False).open(link).press("Publish my listing").reads("Your listing is published.")
    elsewhere.finds("wicker armchair guest", title)
    elsewhere.open(link).press("Manage my listing").follow("Delete it").press("Delete it for good")
    elsewhere.finds("wicker armchair guest", title, listed=False)


def test_listing_can_be_saved_and_forgotten(site: Site, new_person: NewPerson) -> None:
    reader = new_person(site, False).log_in(*demo_person(2)).open("/search?q=bicycle")
    title = reader.page.locator("main ol a").first.inner_text()
    reader.follow(title).follow("Save").press("Save it").reads(title)
    reader.open("/favourites").follow("Forget it").press("Forget it").reads("Nothing here yet")


def test_forgotten_password_is_set_anew_and_ends_other_sessions(site: Site, new_person: NewPerson) -> None:
    address, password = demo_person(3)
    before = new_person(site, False).log_in(address, password)
    forgetful = (
        new_person(site, False).open("/login").follow("Forgotten your password?").fill("E-mail address", address)
    )
    forgetful.page.locator("main button").click()
    forgetful.open(site.mailed_link(address, "/reset/")).fill("New password", "an entirely new kettle")
    forgetful.page.locator("main button").click()
    forgetful.log_in(address, "an entirely new kettle")
    before.page.goto(f"{site.url}/account")
    assert before.path.startswith("/login")
