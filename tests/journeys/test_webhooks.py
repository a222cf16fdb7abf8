"""A seller with a graphical browser and no JavaScript, whose own program is told of what he publishes."""

from pathlib import Path

from standardwebhooks import Webhook

from tests.journeys.fixtures import NewPerson
from tests.journeys.person import Person
from tests.journeys.site import Site, demo_person, eventually
from tests.webhook_receiver import receiver


def test_what_a_seller_publishes_arrives_and_is_seen_to_have_arrived(
    site: Site, new_person: NewPerson, tmp_path: Path
) -> None:
    seller = new_person(site, False).log_in(*demo_person(9))
    with receiver(tmp_path) as receiving:
        seller.open("/account").follow("Your webhooks").follow("Add an endpoint").fill("Address", receiving.url())
        seller.fill("Description", "Shop").press("Add the endpoint").reads("never again")
        secret = seller.page.locator("main pre").inner_text().strip()
        seller.follow("I have copied it").reads("nothing was accepted yet")
        seller.describe("Tin whistle with a case", "In D, hardly played.", "6").follow("Continue without photos")
        seller.press("Publish").reads("Your listing is published.")
        call = eventually(lambda: next(iter(receiving.requests()), None), "webhook")
        told = Webhook(secret).verify(call["body"], call["headers"])
        assert (told["type"], told["data"]["listing"]["url"]) == ("listing.created", site.url + seller.path)

        seller.open("/account/webhooks").follow("Shop").follow("Deliveries")
        eventually(lambda: _delivered(seller), "word of the delivery")
        seller.follow("listing.created").reads("200").reads("fine").reads("Tin whistle with a case")
        seller.press("Send it again").reads("It is sent again.")
        again = eventually(lambda: receiving.requests()[1:] or None, "second call")[0]
        assert again["headers"]["webhook-id"] == call["headers"]["webhook-id"]
        seller.follow("All deliveries").follow("Back to the endpoint").follow("Delete it").press("Delete it for good")
        seller.reads("There is no endpoint yet.")


def _delivered(seller: Person) -> bool | None:
    seller.page.reload()
    return "Delivered" in seller.page.inner_text("ol.rows") or None
