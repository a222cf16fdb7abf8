"""The room's blueprint, and what its views share."""

from typing import Any

from flask import Blueprint, Response, request
from flask.blueprints import BlueprintSetupState
from flask_login import current_user

from shared import ids, webhooks
from shared.accounts import throttle
from shared.errors import NotFound
from shared.web import caching, client
from shared.web.templating import page

blueprint = Blueprint("webhooks", __name__)
ENDPOINTS = "/account/webhooks"


@blueprint.record_once
def _install(state: BlueprintSetupState) -> None:
    webhooks.configure(state.app.config["SETTINGS"])


def own_id(public: int) -> int:
    """The id behind a number in an address; NotFound for a number that is none. Whose it is, the room asks."""
    if public > ids.MAX_ID:
        raise NotFound("There is no such page.")
    return ids.from_public(public)


def address(endpoint: int, rest: str = "") -> str:
    """The page of an endpoint, or one below it."""
    return f"{ENDPOINTS}/{ids.public(endpoint)}{rest}"


def count(action: str, times: int = 1) -> None:
    """Count what makes us call an address that this visitor named; Throttled when it is too much.

    It may be a stranger's address, whom nobody shall have called as often as he likes.
    """
    throttle.count(action, account=str(current_user.owner), network=client.client_network(request), times=times)


def show(name: str, status: int = 200, /, **context: Any) -> Response:
    """A page of the account: no cache keeps it."""
    return caching.no_store(page(f"public/webhooks/{name}.html", status, address=address, **context))
