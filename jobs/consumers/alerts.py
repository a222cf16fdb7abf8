"""Finds whom a listing is news for, and mails what was found: for saved searches, and of favourites that cost less."""

from collections.abc import Iterable
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from jobs import mailing
from jobs.consumers import consumer
from shared import accounts, alerts, clock, listings, places
from shared.accounts import Contact
from shared.errors import NotFound
from shared.events import (
    AlertConfirmationAsked,
    AlertsGathered,
    ListingUpdated,
    NewListingCreated,
    PriceDropsGathered,
    Recorded,
)
from shared.ids import owner_of
from shared.listings import SearchDocument
from shared.money import format_amount
from shared.queues import DIGESTS, MAIL
from shared.search.documents import document_of
from shared.sharding import OwnerSession, read
from shared.web import urls

if TYPE_CHECKING:
    from shared.alerts.matching import Matcher

# A mail shows so many listings of a search, out of so many that are looked up; the page has the others.
SHOWN, LOOKED_UP = 10, 40
# And so many favourites.
MOST_DROPS = 50


class Item(NamedTuple):
    """A listing in a mail. `before` is the price that it had, "" where that is of no matter."""

    title: str
    price: str
    place: str
    link: str
    before: str = ""


class Part(NamedTuple):
    """What a mail says of one search: the listings, how many more there are, where all are and where it is changed."""

    name: str
    items: list[Item]
    more: int
    link: str
    manage: str


@cache
def _matcher() -> "Matcher":
    return alerts.matcher(mailing.settings())


@consumer(NewListingCreated, ListingUpdated)
def match_saved_searches(recorded: Recorded) -> None:
    """Record whose saved searches the listing matches as it stands now; a pair that is known is no news."""
    event = recorded.event
    assert isinstance(event, NewListingCreated | ListingUpdated)
    listing = _on_view(event.listing)
    document = None if listing is None else document_of(listing)
    if document is not None:
        alerts.note_matches(document.listing, document.revision, _matcher().searches(document))


@consumer(ListingUpdated)
def watch_prices(recorded: Recorded) -> None:
    """Record for whom the listing is a favourite that costs less now."""
    event = recorded.event
    assert isinstance(event, ListingUpdated)
    listing = _on_view(event.listing)
    if listing is not None:
        alerts.note_price(listing)


@consumer(AlertConfirmationAsked, queue=MAIL)
def mail_alert_confirmation(recorded: Recorded) -> None:
    """Ask a guest whether the search is his, by a link that nobody else gets."""
    event = recorded.event
    assert isinstance(event, AlertConfirmationAsked)
    with read(recorded.owner) as session:
        contact = accounts.contact(session)
        name = _name(session, event.search)
    if contact is not None and name:
        key, link = f"mail_alert_confirmation-{recorded.id}", _manage(event.search, contact)
        mailing.send(contact.email, "alerts/confirm", key=key, owner=recorded.owner, name_of_search=name, link=link)


@consumer(AlertsGathered, queue=DIGESTS)
def mail_alerts(recorded: Recorded) -> None:
    """Mail a batch of matches, without the listings that are gone or have changed into something else since."""
    with read(recorded.owner) as session:
        contact = accounts.contact(session)
        gathered = alerts.found(session, recorded.id)
    if contact is None:
        return
    parts = [part for part in (_part(each, contact) for each in gathered) if part.items]
    if parts:
        mailing.send(
            contact.email,
            "alerts/found",
            key=f"mail_alerts-{recorded.id}",
            kind=mailing.Kind.ALERTS,
            owner=recorded.owner,
            searches=parts,
            count=sum(len(part.items) + part.more for part in parts),
        )


@consumer(PriceDropsGathered, queue=DIGESTS)
def mail_price_drops(recorded: Recorded) -> None:
    """Mail a batch of favourites, without those that are gone, forgotten or as dear as before."""
    with read(recorded.owner) as session:
        contact = accounts.contact(session)
        gathered = [
            each for each in alerts.dropped(session, recorded.id) if listings.is_favourite(session, each.listing)
        ]
    if contact is None:
        return
    items = list(islice(_cheaper(gathered), MOST_DROPS))
    if items:
        mailing.send(
            contact.email,
            "alerts/price_drops",
            key=f"mail_price_drops-{recorded.id}",
            kind=mailing.Kind.PRICE_DROPS,
            owner=recorded.owner,
            items=items,
            favourites=mailing.link("/favourites"),
        )


def _on_view(listing_id: int) -> SearchDocument | None:
    """The listing as its row says now, None when strangers may not see it."""
    with read(owner_of(listing_id)) as session:
        found = listings.search_document(session, listing_id)
    return found if found is not None and found.expires_at > clock.now() else None


def _part(found: alerts.Found, contact: Contact) -> Part:
    looked_up = found.matches[:LOOKED_UP]
    fitting = [listing for each in looked_up if (listing := _still(each, found.search.request)) is not None]
    all_of_them = urls.search(**{**found.search.parameters, "sort": "newest"})
    return Part(
        found.search.name,
        [_item(each) for each in fitting[:SHOWN]],
        max(0, len(fitting) - SHOWN) + len(found.matches) - len(looked_up),
        mailing.link(all_of_them),
        _manage(found.search.id, contact),
    )


def _still(match: alerts.Match, request: str) -> SearchDocument | None:
    """The listing, if it is on view and still matches."""
    listing = _on_view(match.listing)
    # Comparing takes the analysis of texts, which a worker of mails has to load for each mail: most are as they were.
    if listing is None or listing.revision == match.revision:
        return listing
    document = document_of(listing)
    return listing if document and _matcher().fits(_matcher().subject(document), request) else None


def _cheaper(gathered: Iterable[alerts.Dropped]) -> Iterable[Item]:
    for each in gathered:
        listing = _on_view(each.listing)
        if listing is None or listing.price_amount is None or listing.price_currency != each.currency:
            continue
        if alerts.is_news(each.before, listing.price_amount):
            yield _item(listing, format_amount(each.before, each.currency))


def _item(listing: SearchDocument, before: str = "") -> Item:
    city = places.find(listing.city)
    return Item(
        listing.title, _price(listing), city.full_name if city else "", mailing.link(urls.listing(listing.id)), before
    )


def _price(listing: SearchDocument) -> str:
    if listing.price_amount is not None and listing.price_currency:
        return format_amount(listing.price_amount, listing.price_currency)
    return "Free" if listing.price_kind == "free" else ""


def _name(session: OwnerSession, search_id: int) -> str:
    """What the search is called, "" when it is gone or confirmed already."""
    try:
        search = alerts.search_of(session, search_id)
    except NotFound:
        return ""
    return search.name if search.state == "unconfirmed" else ""


def _manage(search_id: int, contact: Contact) -> str:
    return mailing.link(f"/searches/{alerts.token(mailing.settings().secret_key, search_id, contact)}")
