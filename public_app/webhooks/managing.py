"""The endpoints of whoever is signed in: how they are doing, and their buttons."""

from flask import Response, request
from flask_login import current_user, login_required

from shared import webhooks
from shared.errors import NotFound
from shared.sharding import once, read, unit_of_work
from shared.web.forms import Form
from shared.web.notices import redirect_with_notice

from .forms import WebhookForm
from .routes import ENDPOINTS, address, blueprint, count, own_id, show

_ACTIONS = {
    "pause": (webhooks.disable, "It is paused. What happens from now on is kept as missed."),
    "resume": (webhooks.enable, "It is switched on again."),
    "try": (webhooks.try_now, "What waits is tried now."),
}


@blueprint.get(ENDPOINTS)
@login_required
def endpoints() -> Response:
    """The endpoints, each with its health."""
    with read(current_user.owner) as session:
        found = webhooks.endpoints(session)
    return show("list", endpoints=found, most=webhooks.MOST_ENDPOINTS)


@blueprint.get(f"{ENDPOINTS}/<int:public>")
@login_required
def endpoint(public: int) -> Response:
    """One endpoint, and all that can be done with it."""
    return _endpoint_page(own_id(public), WebhookForm({}))


@blueprint.post(f"{ENDPOINTS}/<int:public>/act")
@login_required
def act(public: int) -> Response:
    """Pause it, switch it on again, or try at once what waits."""
    id = own_id(public)
    if (chosen := _ACTIONS.get(request.form.get("action", ""))) is None:
        raise NotFound("There is no such button.")
    verb, words = chosen
    if verb is not webhooks.disable:
        count("webhook_call")
    unit_of_work(current_user.owner, lambda session: verb(session, id))
    return redirect_with_notice(address(id), words)


@blueprint.post(f"{ENDPOINTS}/<int:public>/test")
@login_required
def test(public: int) -> Response:
    """Send a sample."""
    id, form = own_id(public), WebhookForm()
    type = form.choice("type", webhooks.BY_NAME, required="Choose a kind of event")
    key = form.one_time_token()
    if form.errors:
        return _endpoint_page(id, form)
    count("webhook_call")
    form.attempt(once, current_user.owner, bytes.fromhex(key), lambda session: webhooks.send_test(session, id, type))
    if form.errors:
        return _endpoint_page(id, form)
    return redirect_with_notice(address(id, "/deliveries"), "The sample is on its way. Reload this page in a moment.")


@blueprint.route(f"{ENDPOINTS}/<int:public>/delete", methods=["GET", "POST"])
@login_required
def delete(public: int) -> Response:
    """Ask, then delete the endpoint and the record of what was sent to it."""
    id = own_id(public)
    with read(current_user.owner) as session:
        found = webhooks.endpoint(session, id)
    if request.method == "POST":
        unit_of_work(current_user.owner, lambda session: webhooks.remove(session, id))
        return redirect_with_notice(ENDPOINTS, "The endpoint is deleted.")
    return show("delete", form=Form({}), endpoint=found)


def _endpoint_page(id: int, form: WebhookForm) -> Response:
    with read(current_user.owner) as session:
        found = webhooks.endpoint(session, id)
    types = [(name, name) for name in webhooks.BY_NAME]
    return show("endpoint", form.status, form=form, endpoint=found, types=types)
