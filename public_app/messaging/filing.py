"""Putting a thread out of the way, taking it back, and deleting one's own copy."""

from flask import Response, request
from flask_login import current_user, login_required

from shared import messaging
from shared.sharding import unit_of_work
from shared.web import caching
from shared.web.forms import Form
from shared.web.notices import redirect_with_notice
from shared.web.templating import page

from .routes import back_to, blueprint, own_thread

_LIST = "/account/messages"


@blueprint.post("/account/messages/<int:public>/archive")
@login_required
def archive_thread(public: int) -> Response:
    """Archive a thread, or take it back."""
    thread, form = own_thread(public), Form()
    if form["action"] == "restore":
        unit_of_work(current_user.owner, lambda session: messaging.restore(session, thread.id))
        return back_to(thread, "It is among your messages again.")
    unit_of_work(current_user.owner, lambda session: messaging.archive(session, thread.id))
    return redirect_with_notice(_LIST, "It is in your archive. The next message brings it back.")


@blueprint.route("/account/messages/<int:public>/delete", methods=["GET", "POST"])
@login_required
def delete_thread(public: int) -> Response:
    """Ask once, then delete one's own copy of a thread."""
    thread = own_thread(public)
    if request.method == "POST":
        unit_of_work(current_user.owner, lambda session: messaging.delete_copy(session, thread.id))
        return redirect_with_notice(_LIST, "Your copy of these messages is deleted.")
    return caching.no_store(page("public/messaging/delete.html", form=Form({}), thread=thread, number=public))
