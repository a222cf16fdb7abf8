"""The mails with links by which a listing is managed: by somebody without an account, and before its time is up."""

from jobs import mailing
from jobs.consumers import consumer
from shared import accounts, listings
from shared.errors import NotFound
from shared.events import ListingExpiring, ListingLinkAsked, Recorded
from shared.preferences import Kind
from shared.queues import MAIL
from shared.sharding import OwnerSession, read, unit_of_work


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
            owner=recorded.owner,
            title=title,
            link=mailing.link(f"/manage?token={token}"),
        )


@consumer(ListingExpiring, queue=MAIL)
def mail_expiring(recorded: Recorded) -> None:
    """Warn the seller, unless he has renewed, sold or deleted it in the meantime."""
    event = recorded.event
    assert isinstance(event, ListingExpiring)
    with read(recorded.owner) as session:
        contact = accounts.contact(session)
        try:
            listing = listings.listing_for_seller(session, event.listing, recorded.owner)
        except NotFound:
            return
    if contact is None or listing.state not in listings.ON_VIEW or listing.expires_at != event.expires_at:
        return
    token = listings.mint_expiring_link(mailing.settings().secret_key, listing, contact.email)
    mailing.send(
        contact.email,
        "listings/expiring",
        key=f"mail_expiring-{recorded.id}",
        kind=Kind.EXPIRY,
        owner=recorded.owner,
        title=listing.title,
        expires_at=event.expires_at,
        **{verb: mailing.link(f"/expiring/{token}/{verb}") for verb in ("renew", "sold", "delete")},
    )
