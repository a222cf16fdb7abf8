"""Sending a range of deliveries again: how many they are is shown before anything is sent."""

from flask import Response, request
from flask_login import current_user, login_required

from shared import ids, webhooks
from shared.sharding import once, read
from shared.web.notices import redirect_with_notice
from shared.webhooks import Endpoint

from .forms import WHICH, WebhookForm
from .routes import ENDPOINTS, address, blueprint, count, own_id, show


@blueprint.route(f"{ENDPOINTS}/<int:public>/replay", methods=["GET", "POST"])
@login_required
def replay(public: int) -> Response:
    """Which ones, as a question (GET); how many, with the button that sends them (POST)."""
    id = own_id(public)
    with read(current_user.owner) as session:
        endpoint, others = webhooks.endpoint(session, id), webhooks.endpoints(session)
    asked = request.method == "POST" or "which" in request.args
    if not asked:
        return _page(WebhookForm({"which": "missed"}), endpoint, others)
    form = WebhookForm(request.form if request.method == "POST" else request.args)
    wanted, to = form.range(), _target(form, endpoint, others)
    if form.errors:
        return _page(form, endpoint, others)
    with read(current_user.owner) as session:
        many = webhooks.count(session, id, wanted, to.id)
    if request.method != "POST":
        return _page(form, endpoint, others, many, to)
    key = form.one_time_token()
    if not form.errors and many <= webhooks.MOST_REPLAYED:
        count("webhook_replay", times=many)
    sent = form.attempt(
        lambda: once(current_user.owner, bytes.fromhex(key), lambda s: webhooks.replay_range(s, id, wanted, to.id))
    )
    if form.errors:
        return _page(form, endpoint, others)
    return redirect_with_notice(address(to.id, "/deliveries"), f"Sent again: {sent:,}.")


def _target(form: WebhookForm, endpoint: Endpoint, others: list[Endpoint]) -> Endpoint:
    """The endpoint that they are sent to: its own unless the form names another of the seller's."""
    by_number = {str(ids.public(each.id)): each for each in others}
    chosen = form.choice("to", by_number)
    return by_number[chosen] if chosen else endpoint


def _page(
    form: WebhookForm,
    endpoint: Endpoint,
    others: list[Endpoint],
    count: int | None = None,
    to: Endpoint | None = None,
) -> Response:
    """The question, and below it the dry run's `count`, once something was asked for."""
    return show(
        "replay",
        form.status,
        form=form,
        endpoint=endpoint,
        targets=[(ids.public(each.id), each.url) for each in others if each.id != endpoint.id],
        which=WHICH.items(),
        types=[(name, name) for name in webhooks.BY_NAME],
        count=count,
        to=to,
    )
