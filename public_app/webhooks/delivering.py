"""What was sent to an endpoint: the deliveries, and each attempt at one."""

from flask import Response, request
from flask_login import current_user, login_required

from shared import ids, webhooks
from shared.errors import NotFound
from shared.sharding import OwnerSession, read, unit_of_work
from shared.web import pagination, query, urls
from shared.web.forms import Form
from shared.web.notices import redirect_with_notice
from shared.webhooks import Delivery, PastAttempt

from .routes import ENDPOINTS, address, blueprint, count, own_id, show
from .words import STATES, visible


@blueprint.get(f"{ENDPOINTS}/<int:public>/deliveries")
@login_required
def deliveries(public: int) -> Response:
    """The deliveries of an endpoint, the newest event first, of one type and one state if asked for."""
    type, state = query.choice("type", webhooks.BY_NAME), query.choice("state", STATES)
    after = pagination.cursor(parts=1)
    with read(current_user.owner) as session:
        endpoint = webhooks.endpoint(session, own_id(public))
        found = webhooks.deliveries(
            session,
            endpoint.id,
            before=after[0] if after else None,
            type=type or None,
            state=state or None,
            limit=webhooks.PAGE + 1,
        )
    rows = found[: webhooks.PAGE]
    here = address(endpoint.id, "/deliveries")
    following = pagination.encode(rows[-1].message) if len(found) > len(rows) else ""
    return show(
        "deliveries",
        endpoint=endpoint,
        rows=rows,
        form=Form(request.args),
        types=[(name, name) for name in webhooks.BY_NAME],
        states=STATES,
        public_id=ids.public,
        first=urls.with_query(here, type=type, state=state) if after else "",
        following=urls.with_query(here, type=type, state=state, after=following) if following else "",
    )


@blueprint.get(f"{ENDPOINTS}/<int:public>/deliveries/<int:delivery>")
@login_required
def delivery(public: int, delivery: int) -> Response:
    """One delivery: what was sent, every attempt, and the whole answer to one of them (`?attempt=`, else the last)."""
    number = query.whole("attempt", low=1, high=2**31)
    with read(current_user.owner) as session:
        endpoint = webhooks.endpoint(session, own_id(public))
        found = _delivery(session, endpoint.id, delivery)
        attempts = webhooks.attempts(session, found.id)
        body = webhooks.body(session, found.message)
    return show(
        "delivery",
        endpoint=endpoint,
        delivery=found,
        attempts=attempts,
        shown=_shown(attempts, number),
        body=body,
        form=Form({}),
        states=STATES,
        visible=visible,
        public_id=ids.public,
    )


@blueprint.post(f"{ENDPOINTS}/<int:public>/deliveries/<int:delivery>/again")
@login_required
def again(public: int, delivery: int) -> Response:
    """Send one delivery once more, whatever became of it."""
    endpoint = own_id(public)

    def send(session: OwnerSession) -> None:
        webhooks.replay(session, _delivery(session, endpoint, delivery).id)

    count("webhook_call")
    unit_of_work(current_user.owner, send)
    return redirect_with_notice(address(endpoint, f"/deliveries/{delivery}"), "It is sent again.")


def _delivery(session: OwnerSession, endpoint: int, public: int) -> Delivery:
    found = webhooks.delivery(session, own_id(public))
    if found.endpoint != endpoint:
        raise NotFound("There is no such delivery.")
    return found


def _shown(attempts: list[PastAttempt], number: int | None) -> PastAttempt | None:
    """The attempt whose answer is shown; NotFound for a number that is none."""
    if number is None:
        return attempts[0] if attempts else None
    chosen = next((each for each in attempts if each.number == number), None)
    if chosen is None:
        raise NotFound("There was no such attempt.")
    return chosen
