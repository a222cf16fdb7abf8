"""Blocking somebody, and undoing it."""

from functools import partial

from flask import Response, request
from flask_login import current_user, login_required

from shared import ids, messaging
from shared.errors import NotFound
from shared.sharding import read, unit_of_work
from shared.text import whole_number
from shared.web import caching
from shared.web.forms import Form
from shared.web.notices import redirect_with_notice
from shared.web.templating import page

from .routes import back_to, blueprint, own_thread


@blueprint.route("/account/messages/<int:public>/block", methods=["GET", "POST"])
@login_required
def block(public: int) -> Response:
    """Say what blocking does to either side, then do it."""
    thread = own_thread(public)
    if request.method == "POST":
        work = partial(messaging.block, other=thread.other, name=thread.other_name)
        unit_of_work(current_user.owner, work)
        return back_to(thread, f"You have blocked {thread.other_name}.")
    return caching.no_store(page("public/messaging/block.html", form=Form({}), thread=thread, number=public))


@blueprint.route("/account/messages/blocked", methods=["GET", "POST"])
@login_required
def blocked() -> Response:
    """Whom the signed-in user has blocked; a button undoes it."""
    with read(current_user.owner) as session:
        rows = messaging.blocked(session)
    if request.method == "POST":
        chosen = whole_number(Form()["user"], high=ids.MAX_ID)
        found = next((each for each in rows if ids.public(each.id) == chosen), None)
        if found is None:
            raise NotFound("You have not blocked this user, or not any more.")
        unit_of_work(current_user.owner, partial(messaging.unblock, other=found.blocked))
        return redirect_with_notice("/account/messages/blocked", f"You and {found.name} can write to each other again.")
    context = {"form": Form({}), "rows": rows, "public_id": ids.public}
    return caching.no_store(page("public/messaging/blocked.html", **context))
