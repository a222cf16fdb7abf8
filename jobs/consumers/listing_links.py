"""The mail that lets somebody without an account publish and manage a listing."""

from jobs import mailing
from jobs.consumers import consumer
from shared import accounts, listings
from shared.errors import NotFound
from shared.events import ListingLinkAsked, Recorded
from shared.queues import MAIL
from shared.sharding import OwnerSession, unit_of_work


@consumer(ListingLinkAsked, queue=MAIL)
def mail_listing_link(recorded: Recorded) -> None:
    """Mint a link when the mail is made, so that no token is ever kept; a retry mints another, and both work."""
    event = recorded.event
    assert isinstance(event, ListingLinkAsked)

    def work(session: OwnerSession) -> tuple[str, str, str] | None:
        contact = accounts.contact(session)
        try:
            listing = listings.listing_for_seller(session, event.listing, recorded.owner)
        except NotFound:  # deleted before the mail was made
            return None
        return contact and (contact.email, listing.title, listings.mint_manage_link(session, event.listing))

    if made := unit_of_work(recorded.owner, work):
        email, title, token = made
        mailing.send(
            email,
            "listings/manage",
            key=f"mail_listing_link-{recorded.id}",
            title=title,
            link=mailing.link(f"/manage?token={token}"),
        )
