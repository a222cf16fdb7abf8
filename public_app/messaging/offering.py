"""Offering an amount in a thread, and answering an offer. Nothing here binds anybody."""

from flask import Response
from flask_login import login_required

from shared import ids, messaging
from shared.money import InvalidAmount, format_amount, parse_amount
from shared.sharding import OwnerSession
from shared.text import whole_number
from shared.web.forms import Form

from .reading import thread_page
from .routes import back_to, blueprint, offered_in, own_thread, write_once

_SAID = {
    "accept": "You accept the offer. Agree on when and where to meet.",
    "decline": "You decline the offer.",
    "withdraw": "You withdraw your offer.",
}


@blueprint.post("/account/messages/<int:public>/offer")
@login_required
def offer(public: int) -> Response:
    """Offer an amount in the listing's currency."""
    thread, form = own_thread(public), Form()
    currency = offered_in(thread)
    amount = _amount(form, currency)

    def work(session: OwnerSession) -> int:
        return messaging.offer(session, messaging.thread(session, thread.id), amount, currency)

    if write_once(form, thread.other, thread.other_name, work) is None:
        return thread_page(thread, form, 422)
    return back_to(thread, f"Your offer of {format_amount(amount, currency)} is on its way.")


def _amount(form: Form, currency: str) -> int:
    text = form.text("amount", longest=40, required="Write the amount that you offer")
    if not currency:
        form.reject({"": "No amounts can be offered for this listing (any more)."})
    if form.errors:
        return 0
    try:
        return parse_amount(text, currency)
    except InvalidAmount as error:
        form.reject({"amount": error.message})
        return 0


@blueprint.post("/account/messages/<int:public>/answer")
@login_required
def answer(public: int) -> Response:
    """Accept, decline or withdraw the offer whose public id is `message`."""
    thread, form = own_thread(public), Form()
    verb = form.choice("verb", _SAID, required="Choose what to do with the offer.")
    offered = whole_number(form["message"], high=ids.MAX_ID) or 0

    def work(session: OwnerSession) -> int:
        own = messaging.thread(session, thread.id)
        return messaging.answer(session, own, messaging.message(session, own, offered), verb)

    if write_once(form, thread.other, thread.other_name, work) is None:
        return thread_page(thread, form, 422)
    return back_to(thread, _SAID[verb])
