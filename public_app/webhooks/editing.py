"""Adding and changing an endpoint, and its secret, which is on one page only, once."""

import secrets
from collections.abc import Callable
from typing import NamedTuple

from flask import Response, request
from flask_login import current_user, login_required
from werkzeug.datastructures import MultiDict

from shared import webhooks
from shared.sharding import OwnerSession, once, read, unit_of_work
from shared.web.notices import redirect_with_notice
from shared.webhooks import Endpoint

from .forms import OVERLAPS, WebhookForm
from .routes import ENDPOINTS, address, blueprint, count, own_id, show


class Told(NamedTuple):
    """A new secret on its way to the page that shows it."""

    endpoint: int
    secret: str


@blueprint.route(f"{ENDPOINTS}/add", methods=["GET", "POST"])
@login_required
def add() -> Response:
    """A new endpoint; the answer to its form shows the secret."""
    form = WebhookForm() if request.method == "POST" else WebhookForm(_as_new())
    if request.method == "POST":
        values, key = form.endpoint(), form.one_time_token()
        if not form.errors:
            count("webhook_address")
        told = form.attempt(_tell_once, key, lambda session: Told(*webhooks.create(session, **values)))
        if not form.errors:
            return show("secret", told=told, rotated=False)
    return _form_page(form)


@blueprint.route(f"{ENDPOINTS}/<int:public>/edit", methods=["GET", "POST"])
@login_required
def edit(public: int) -> Response:
    """Another address, other events, another description, other limits."""
    endpoint = _endpoint(public)
    form = WebhookForm() if request.method == "POST" else WebhookForm(_as_it_is(endpoint))
    if request.method == "POST":
        values = form.endpoint()
        if not form.errors and values["url"] != endpoint.url:
            count("webhook_address")
        form.attempt(unit_of_work, current_user.owner, lambda session: webhooks.edit(session, endpoint.id, **values))
        if not form.errors:
            return redirect_with_notice(address(endpoint.id), "Your changes are saved.")
    return _form_page(form, endpoint)


@blueprint.route(f"{ENDPOINTS}/<int:public>/secret", methods=["GET", "POST"])
@login_required
def rotate(public: int) -> Response:
    """A new secret; how long the former one signs beside it is to be chosen."""
    endpoint = _endpoint(public)
    usual = {"overlap": str(webhooks.DEFAULT_OVERLAP_SECONDS)}
    form = WebhookForm() if request.method == "POST" else WebhookForm(usual)
    if request.method == "POST":
        overlap, key = form.choice("overlap", OVERLAPS, required="Choose how long"), form.one_time_token()
        told = form.attempt(_tell_once, key, lambda session: _rotate(session, endpoint.id, int(overlap)))
        if not form.errors:
            return show("secret", told=told, rotated=True, overlap=OVERLAPS[overlap] if int(overlap) else "")
    return show("rotate", form.status, form=form, endpoint=endpoint, overlaps=OVERLAPS.items())


def _rotate(session: OwnerSession, endpoint: int, overlap: int) -> Told:
    return Told(endpoint, webhooks.rotate_secret(session, endpoint, overlap))


def _tell_once(key: str, work: Callable[[OwnerSession], Told]) -> Told | None:
    """What `work` made; None when this form was sent before, since a secret is shown once."""
    made: dict[int, Told] = {}

    def first_time(session: OwnerSession) -> int:
        # Told apart by a number of its own: a form that lost a race against itself made a secret that is not kept.
        number = secrets.randbits(53)
        made[number] = work(session)
        return number

    return made.get(once(current_user.owner, bytes.fromhex(key), first_time))


def _endpoint(public: int) -> Endpoint:
    with read(current_user.owner) as session:
        return webhooks.endpoint(session, own_id(public))


def _as_new() -> MultiDict[str, str]:
    limits = {"per_second": str(webhooks.PER_SECOND), "at_once": str(webhooks.AT_ONCE)}
    return MultiDict([*limits.items(), *(("types", name) for name in webhooks.BY_NAME)])


def _as_it_is(endpoint: Endpoint) -> MultiDict[str, str]:
    said = {"url": endpoint.url, "description": endpoint.description}
    limits = {"per_second": str(endpoint.per_second), "at_once": str(endpoint.at_once)}
    return MultiDict([*said.items(), *limits.items(), *(("types", name) for name in endpoint.types)])


def _form_page(form: WebhookForm, endpoint: Endpoint | None = None) -> Response:
    types = [(name, name) for name in webhooks.BY_NAME]
    return show("edit", form.status, form=form, endpoint=endpoint, types=types)
