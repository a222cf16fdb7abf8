"""The room's blueprint, and what its views share: which thread an address means, and writing from a form, once."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, request
from flask_login import current_user
from sqlalchemy import Row

from shared import ids, listings, messaging, places
from shared.accounts import throttle
from shared.errors import Invalid, NotFound
from shared.messaging import NotTaken, OfferOver, Thread
from shared.sharding import OwnerSession, once, read
from shared.web import client
from shared.web.forms import Form
from shared.web.notices import redirect_with_notice

blueprint = Blueprint("messaging", __name__)
ANSWERABLE = frozenset({"published", "reserved"})


def internal_id(public: int) -> int:
    """The id behind the number in an address; NotFound for a number that is none."""
    if public > ids.MAX_ID:
        raise NotFound("There is no such page.")
    return ids.from_public(public)


def own_thread(public: int) -> Thread:
    """The signed-in user's thread behind the number in an address; to anybody else there is none such."""
    with read(current_user.owner) as session:
        return messaging.thread(session, internal_id(public))


def back_to(thread: Thread, words: str) -> Response:
    """To the thread, with a sentence about what was done."""
    return redirect_with_notice(f"/account/messages/{ids.public(thread.id)}", words)


def write_once(form: Form, other: int, name: str, work: Callable[[OwnerSession], int]) -> int | None:
    """Run `work`, which writes to `other`, once for this form; what it returned.

    None, with the reason noted in the form, when something is wrong with it or the other side takes no messages.
    Raises Throttled.
    """
    key = form.one_time_token()
    if not form.errors:
        _check_taken(form, other, name)
    if form.errors:
        return None
    throttle.count("message", account=str(current_user.owner), network=client.client_network(request))
    try:
        return once(current_user.owner, bytes.fromhex(key), work)
    except Invalid as error:
        form.reject(error.fields)
    except (NotTaken, OfferOver) as error:
        form.reject({"": error.message})
    return None


def _check_taken(form: Form, other: int, name: str) -> None:
    with read(other) as session:
        reason = messaging.refusal(session, current_user.owner)
    if reason:
        form.reject({"": messaging.not_taken(reason, name)})


def offered_in(thread: Thread) -> str:
    """The currency in which amounts can be offered for the listing of a thread; "" when none can."""
    try:
        shown = listings.shown(thread.listing)
    except NotFound:
        return ""
    takes_offers = shown.state in ANSWERABLE and shown.listing.price_kind != "free"
    return currency_of(shown.listing) if takes_offers else ""


def currency_of(listing: Row[Any]) -> str:
    """A listing's currency: its own, or else that of the country where it is."""
    city = places.find(listing.city)
    return str(listing.price_currency or (city.currency if city else ""))
