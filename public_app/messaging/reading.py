"""The list of threads, and a thread: what was said, and the form to say more."""

from flask import Response, request
from flask_login import current_user, login_required

from shared import ids, messaging
from shared.messaging import Thread
from shared.sharding import OwnerSession, read, unit_of_work
from shared.web import caching, pagination
from shared.web.forms import Form
from shared.web.templating import page

from . import showing
from .routes import back_to, blueprint, offered_in, own_thread, write_once


@blueprint.get("/account/messages")
@login_required
def inbox() -> Response:
    """The signed-in user's threads: those with something new first, then the latest."""
    return _list("inbox")


@blueprint.get("/account/messages/archive")
@login_required
def archive() -> Response:
    """The threads that the signed-in user put out of the way."""
    return _list("archive")


def _list(folder: str) -> Response:
    after = pagination.cursor(parts=3)
    with read(current_user.owner) as session:
        found = messaging.threads(session, folder, after, messaging.THREADS_PAGE + 1)
    rows = found[: messaging.THREADS_PAGE]
    more = pagination.encode(*messaging.place(rows[-1])) if len(found) > len(rows) else ""
    context = {"rows": rows, "next": more, "archived": folder == "archive", "first": after is None}
    return caching.no_store(page("public/messaging/inbox.html", **context, public_id=ids.public))


@blueprint.route("/account/messages/<int:public>", methods=["GET", "POST"])
@login_required
def thread(public: int) -> Response:
    """A thread, read by this, and the form to answer."""
    shown = own_thread(public)
    if request.method == "POST":
        form = Form()
        if _answered(form, shown):
            return back_to(shown, f"Your message to {shown.other_name} is on its way.")
        return thread_page(shown, form, 422)
    return thread_page(shown, Form({}))


def thread_page(shown: Thread, form: Form, status: int = 200) -> Response:
    """The page of a thread: its newest messages, or with `before` those before them."""
    before = pagination.cursor(name="before")
    with read(current_user.owner) as session:
        # In the snapshot of its messages, so that the stream goes on where they end.
        shown = messaging.thread(session, shown.id)
        found = messaging.messages(session, shown, before, messaging.PAGE + 1)
        blocking = messaging.blocks(session, shown.other)
    # A HEAD request shows nobody anything, and neither does a page of older messages show what is new.
    read_now = shown.unread if before is None and request.method != "HEAD" else 0
    if read_now:
        unit_of_work(current_user.owner, lambda session: messaging.mark_read(session, shown.id, shown.last))
    rows = found[-messaging.PAGE :]
    context = {
        **showing.shown(shown, rows, asks=not blocking),
        "form": form,
        "earlier": pagination.encode(rows[0].number, rows[0].id) if len(found) > len(rows) else "",
        "newest": before is None,
        "read_now": read_now,
        "blocking": blocking,
        "currency": "" if blocking else offered_in(shown),
        "longest": messaging.BODY_LONGEST,
    }
    return caching.no_store(page("public/messaging/thread.html", status, **context))


def _answered(form: Form, shown: Thread) -> bool:
    body = form.text("body", longest=messaging.BODY_LONGEST, required="Write a few words", lines=True)

    def work(session: OwnerSession) -> int:
        return messaging.send(session, messaging.thread(session, shown.id), body)

    return write_once(form, shown.other, shown.other_name, work) is not None
