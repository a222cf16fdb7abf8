"""What each event of the outbox tells a seller: its type, its version, and the data as it stands now.

A new kind of webhook is a builder here and an entry in `types`: `order.paid` and `order.refunded` belong beside these.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select

from shared import ids, places
from shared.complaints import Complaint
from shared.events import (
    ComplaintMade,
    Event,
    ListingRemoved,
    ListingSold,
    ListingUpdated,
    MessageReceived,
    NewListingCreated,
    Recorded,
    WebhookTested,
)
from shared.listings import Listing
from shared.messaging import Message, Thread, said
from shared.sharding import OwnerSession
from shared.webhooks import policy
from shared.webhooks.types import BY_NAME


@dataclass(frozen=True, slots=True)
class Notice:
    """What is told. `resource_version` grows with every change of the thing; `ids` is what stays of `data` when it is
    too long to be sent."""

    type: str
    resource_version: int
    data: dict[str, Any]
    ids: dict[str, Any]
    test: bool = False


def notice_of(session: OwnerSession, recorded: Recorded) -> Notice | None:
    """What an event of the session's owner tells; None when it is no webhook, or its subject is gone."""
    builder = _BUILDERS.get(type(recorded.event))
    return builder(session, recorded.event) if builder else None


def iso(seconds: int) -> str:
    """UTC seconds as RFC 3339 writes them: 2026-01-31T09:30:00Z."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _created(session: OwnerSession, event: Any) -> Notice | None:
    return _listing(session, event, "listing.created")


def _updated(session: OwnerSession, event: Any) -> Notice | None:
    return _listing(session, event, "listing.updated")


def _sold(session: OwnerSession, event: Any) -> Notice | None:
    return _listing(session, event, "listing.sold")


def _removed(session: OwnerSession, event: Any) -> Notice | None:
    """Taken off by the staff, or else a change like others: its time was up, or the seller deleted it."""
    if event.reason == "closed":  # with the account, which has no webhooks any more
        return None
    return _listing(session, event, "listing.removed_by_admin" if event.reason == "moderated" else "listing.updated")


def _listing(session: OwnerSession, event: Any, type: str) -> Notice | None:
    mine = select(Listing).where(Listing.owner == session.owner, Listing.id == event.listing)
    row = session.execute(mine).scalar_one_or_none()
    if row is None:
        return None
    told = _removed_listing(row) if row.state == "removed" else _whole_listing(row)
    return Notice(type, row.revision, {"listing": told}, {"listing": {"id": told["id"], "url": told["url"]}})


def _removed_listing(row: Listing) -> dict[str, Any]:
    public = ids.public(row.id)
    return {"id": public, "url": f"{policy.current().public_url}/l/{public}", "state": row.state}


def _whole_listing(row: Listing) -> dict[str, Any]:
    place = None if row.city is None else places.find(row.city)
    return {
        **_removed_listing(row),
        "title": row.title,
        "description": row.body,
        "category": row.category,
        "condition": row.condition,
        "fields": row.fields,
        "price": _price(row),
        "place": place and {"city": place.id, "name": place.name, "country": place.country},
        "photo_count": row.photo_count,
        "published_at": row.published_at and iso(row.published_at),
        "expires_at": row.expires_at and iso(row.expires_at),
    }


def _price(row: Listing) -> dict[str, Any]:
    return {
        "kind": row.price_kind,
        **_amount(row.price_amount, row.price_currency),
        "negotiable": row.negotiable,
    }


def _amount(amount: int | None, currency: str | None) -> dict[str, Any]:
    """An amount in the currency's smallest unit (12000 is 120.00 EUR): every JSON parser reads whole numbers alike."""
    return {"amount": amount, "currency": None if amount is None else currency}


def _message(session: OwnerSession, event: Any) -> Notice | None:
    message = select(Message).where(Message.owner == session.owner, Message.id == event.message)
    thread = select(Thread).where(Thread.owner == session.owner, Thread.id == event.thread)
    row, talk = session.execute(message).scalar_one_or_none(), session.execute(thread).scalar_one_or_none()
    if row is None or talk is None:
        return None
    known = {"id": ids.public(row.id), "thread": ids.public(talk.id), "listing": ids.public(talk.listing)}
    told = {
        **known,
        "from": talk.other_name,
        "kind": row.kind,
        "text": said(row, talk.other_name),
        "offer": None if row.amount is None else _amount(row.amount, row.currency),
        "sent_at": iso(row.created_at),
    }
    return Notice("message.received", 1, {"message": told}, {"message": known})


def _complaint(session: OwnerSession, event: Any) -> Notice | None:
    """That there is one, what it is about and why: never who complained, nor in which words."""
    mine = select(Complaint).where(Complaint.owner == session.owner, Complaint.id == event.complaint)
    row = session.execute(mine).scalar_one_or_none()
    if row is None:
        return None
    known = {"id": ids.public(row.id), "listing": ids.public(row.listing), "subject": row.subject}
    told = {**known, "reason": row.reason, "created_at": iso(row.created_at)}
    return Notice("complaint.created", 1, {"complaint": told}, {"complaint": known})


def _test(_session: OwnerSession, event: Any) -> Notice | None:
    return Notice(event.name, 1, BY_NAME[event.name].sample, {}, test=True)


_BUILDERS: dict[type[Event], Callable[[OwnerSession, Any], Notice | None]] = {
    NewListingCreated: _created,
    ListingUpdated: _updated,
    ListingSold: _sold,
    ListingRemoved: _removed,
    MessageReceived: _message,
    ComplaintMade: _complaint,
    WebhookTested: _test,
}
# What the consumer subscribes to.
EVENTS = tuple(_BUILDERS)
