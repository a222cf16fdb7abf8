"""The report forms: of a listing for everybody, of a thread or a message for the one who has it."""

from dataclasses import dataclass
from functools import partial
from typing import Any

from flask import Blueprint, Response, request
from flask_login import current_user, login_required

from public_app.listings.access import listing_id
from public_app.messaging.routes import internal_id
from shared import complaints, ids, listings, messaging
from shared.accounts import throttle
from shared.errors import Conflict, Invalid, NotFound
from shared.ids import owner_of
from shared.messaging import Message, Thread
from shared.sharding import once, read
from shared.web import caching, client, query, urls
from shared.web.forms import Form
from shared.web.notices import redirect_with_notice
from shared.web.templating import page, viewer

blueprint = Blueprint("complaints", __name__)
_QUOTED = 20


@dataclass(frozen=True, slots=True)
class Subject:
    """What is reported: about whom, in which words, where its form is, and the page to go back to."""

    about: int
    heading: str
    here: str
    back: str
    details: dict[str, Any]


@blueprint.route("/l/<int:public>/report", methods=["GET", "POST"])
def listing(public: int) -> Response:
    """Report a listing, with or without an account."""
    id = listing_id(public)
    shown = listings.shown(id)
    if shown.state == "removed":
        raise NotFound("There is no such listing.")
    row = shown.listing
    details = {"subject": "listing", "listing": id, "quote": f"{row.title}\n\n{row.body}"}
    back = urls.listing(id)
    return _report(Subject(owner_of(id), row.title, f"{back}/report", back, details))


@blueprint.route("/account/messages/<int:public>/report", methods=["GET", "POST"])
@login_required
def thread(public: int) -> Response:
    """Report what the other side wrote in a thread: one `message`, or all of it."""
    chosen = query.whole("message", high=ids.MAX_ID)
    with read(current_user.owner) as session:
        shown = messaging.thread(session, internal_id(public))
        rows = [messaging.message(session, shown, chosen)] if chosen else messaging.messages(session, shown)
    theirs = [each for each in rows if not each.mine and each.kind != "note"]
    if not theirs:
        raise NotFound(f"{shown.other_name} has not written that.")
    back = f"/account/messages/{public}"
    here = urls.with_query(f"{back}/report", message=chosen)
    return _report(Subject(shown.other, shown.title, here, back, _details(shown, theirs, single=bool(chosen))))


def _details(shown: Thread, theirs: list[Message], *, single: bool) -> dict[str, Any]:
    quote = "\n\n".join(messaging.said(each, shown.other_name) for each in theirs[-_QUOTED:])
    about = {"listing": shown.listing, "thread": shown.id, "quote": quote}
    return {"subject": "message", "message": theirs[0].id, **about} if single else {"subject": "thread", **about}


def _report(subject: Subject) -> Response:
    user, form = viewer(), Form()
    if user is not None and user.owner == subject.about:
        raise Conflict("This is your own listing.")
    if request.method == "POST" and _reported(form, subject):
        return redirect_with_notice(subject.back, "Thank you. Your report has reached us; we look at every one.")
    context = {"form": form, "subject": subject, "reasons": complaints.REASONS.items()}
    longest = complaints.WORDS_LONGEST
    status = 422 if form.errors else 200
    return caching.no_store(page("public/complaints/report.html", status, **context, longest=longest))


def _reported(form: Form, subject: Subject) -> bool:
    user = viewer()
    said = {
        "reason": form.choice("reason", complaints.REASONS, required="Choose what is wrong."),
        "words": form.text("words", longest=complaints.WORDS_LONGEST, lines=True),
        "email": "" if user else form.text("email", longest=254),
        "reporter": user.owner if user else None,
    }
    key = form.one_time_token()
    if form.errors:
        return False
    throttle.count("report", account=str(user.owner) if user else "", network=client.client_network(request))
    work = partial(complaints.complain, **subject.details, **said)
    try:
        once(subject.about, bytes.fromhex(key), work)
    except Invalid as error:
        form.reject(error.fields)
    return not form.errors
