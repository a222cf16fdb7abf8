"""Writing to the seller from a listing's page: this begins a thread, or goes on with the one there is."""

from typing import NamedTuple

from flask import Response, current_app, request
from flask_login import current_user, login_required

from shared import ids, listings, messaging
from shared.accounts import throttle
from shared.errors import Conflict
from shared.sharding import OwnerSession, read
from shared.web import caching
from shared.web.forms import Form
from shared.web.notices import redirect_with_notice
from shared.web.templating import page

from .routes import ANSWERABLE, blueprint, internal_id, write_once


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
    subject = _subject(internal_id(public))
    if subject.recipient == current_user.owner:
        raise Conflict("This is your own listing.")
    with read(current_user.owner) as session:
        thread = messaging.find_thread(session, subject.listing, subject.recipient)
    form = Form()
    if request.method == "POST":
        written = _write(form, subject, is_new=thread is None)
        if written is not None:
            words = f"Your message to {subject.recipient_name} is on its way."
            return redirect_with_notice(f"/account/messages/{ids.public(written)}", words)
    status = 422 if form.errors else 200
    open_thread = ids.public(thread.id) if thread and thread.folder != "trash" else None
    # Where answers by mail come in, nobody needs to give away his address.
    asks_to_share = not current_app.config["SETTINGS"].mail_domain
    context = {"form": form, "subject": subject, "open_thread": open_thread, "asks_to_share": asks_to_share}
    return caching.no_store(page("public/messaging/write.html", status, longest=messaging.BODY_LONGEST, **context))


def _subject(listing_id: int) -> Subject:
    shown = listings.shown(listing_id)
    if shown.state not in ANSWERABLE:
        raise Conflict("This listing has ended, so its seller takes no more messages about it.")
    row = shown.listing
    return Subject(row.id, row.title, row.owner, row.seller_name or "the seller")


def _write(form: Form, subject: Subject, is_new: bool) -> int | None:
    """Send what the form says; the thread's id, or None when something is wrong with it."""
    body = form.text("body", longest=messaging.BODY_LONGEST, required="Write a few words", lines=True)
    if is_new and not form.errors:
        throttle.count("thread", account=str(current_user.owner))

    def work(session: OwnerSession) -> int:
        about = {"listing": subject.listing, "title": subject.title}
        other = {"other": subject.recipient, "other_name": subject.recipient_name}
        thread = messaging.open_thread(session, **about, **other)
        messaging.send(session, thread, body, share_address=form.ticked("share_address"))
        return thread.id

    return write_once(form, subject.recipient, subject.recipient_name, work)
