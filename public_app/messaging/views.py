"""The page to write to a seller, and the inbox."""

from typing import NamedTuple

from flask import Blueprint, Response, request
from flask_login import current_user, login_required

from shared import accounts, ids, listings, messaging
from shared.accounts import throttle
from shared.errors import Conflict, Invalid, NotFound
from shared.sharding import OwnerSession, once, read, unit_of_work
from shared.web import caching, client, pagination, urls
from shared.web.forms import Form
from shared.web.notices import redirect_with_notice
from shared.web.templating import page

blueprint = Blueprint("messaging", __name__)
_ANSWERABLE = {"published", "reserved"}


class Subject(NamedTuple):
    """What a message is about, and to whom it goes."""

    listing: int
    title: str
    recipient: int
    recipient_name: str


@blueprint.route("/l/<int:public>/reply", methods=["GET", "POST"])
@login_required
def reply(public: int) -> Response:
    """Write to the seller of a listing that is on view."""
    return _write(_subject_of_listing(_id(public)), back=urls.listing(_id(public)))


@blueprint.get("/account/messages")
@login_required
def inbox() -> Response:
    """What others wrote to the signed-in user, newest first."""
    after = pagination.cursor()
    with read(current_user.owner) as session:
        found = messaging.inbox(session, after, limit=messaging.PAGE + 1)  # type: ignore[arg-type]
    rows = found[: messaging.PAGE]
    more = pagination.encode(rows[-1].created_at, rows[-1].id) if len(found) > len(rows) else ""
    return caching.no_store(page("public/messaging/inbox.html", rows=rows, next=more, public_id=ids.public))


@blueprint.route("/account/messages/<int:public>", methods=["GET", "POST"])
@login_required
def message(public: int) -> Response:
    """One message, read by this, and the form to answer it."""
    received = unit_of_work(current_user.owner, lambda session: _open(session, _id(public)))
    subject = Subject(received.listing, received.title, received.sender, received.sender_name)
    return _write(subject, back="/account/messages", received=received)


def _open(session: OwnerSession, message: int) -> messaging.Received:
    received = messaging.received(session, message)
    # A HEAD request shows nobody anything.
    if request.method != "HEAD":
        messaging.mark_read(session, received.id)
    return received


def _write(subject: Subject, back: str, received: messaging.Received | None = None) -> Response:
    if subject.recipient == current_user.owner:
        raise Conflict("This is your own listing.")
    form = Form()
    if request.method == "POST" and _sent(form, subject):
        return redirect_with_notice(back, f"Your message to {subject.recipient_name} is on its way.")
    status = 422 if form.errors else 200
    context = {"form": form, "subject": subject, "received": received, "longest": messaging.BODY_LONGEST}
    return caching.no_store(page("public/messaging/write.html", status, **context))


def _sent(form: Form, subject: Subject) -> bool:
    body = form.text("body", longest=messaging.BODY_LONGEST, required="Write a few words", lines=True)
    key = form.one_time_token()
    if not form.errors and not _is_reachable(subject.recipient):
        form.reject({"": f"{subject.recipient_name} has closed the account, so no message arrives there any more."})
    if form.errors:
        return False
    throttle.count("message", account=str(current_user.owner), network=client.client_network(request))
    try:
        _send(subject, key, body, form.ticked("share_address"))
    except Invalid as error:
        form.reject(error.fields)
    return not form.errors


def _send(subject: Subject, key: str, body: str, share_address: bool) -> None:
    def work(session: OwnerSession) -> int:
        return messaging.send(
            session,
            sender_name=current_user.name,
            recipient=subject.recipient,
            listing=subject.listing,
            title=subject.title,
            body=body,
            share_address=share_address,
        )

    once(current_user.owner, bytes.fromhex(key), work)


def _is_reachable(owner: int) -> bool:
    with read(owner) as session:
        return accounts.contact(session) is not None


def _subject_of_listing(listing_id: int) -> Subject:
    shown = listings.shown(listing_id)
    if shown.state not in _ANSWERABLE:
        raise Conflict("This listing has ended, so its seller takes no more messages about it.")
    row = shown.listing
    return Subject(row.id, row.title, row.owner, row.seller_name or "the seller")


def _id(public: int) -> int:
    if public > ids.MAX_ID:
        raise NotFound("There is no such page.")
    return ids.from_public(public)
