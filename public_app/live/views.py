"""The stream of a thread on the site's own address, passed on from the process that makes it."""

from flask import Blueprint, Response, current_app, request
from flask.blueprints import BlueprintSetupState
from flask_login import login_required

from shared.observability import request_id
from shared.web import caching, query
from shared.web.relaying import Relay, most_relayed

blueprint = Blueprint("live", __name__)


@blueprint.record_once
def _install(state: BlueprintSetupState) -> None:
    settings = state.app.config["SETTINGS"]
    state.app.extensions["streams"] = Relay(settings.streams_bind, most_relayed(settings))
    state.app.jinja_env.globals["live"] = settings.streams > 0


@blueprint.get("/account/messages/<int:public>/live")
@login_required
def thread(public: int) -> Response:
    """What comes into one of the reader's threads; 503 when too many are open. Whose thread it is, is asked there."""
    headers = {"Cookie": request.headers.get("Cookie", ""), "X-Request-Id": request_id.get()}
    # Not as it was asked for, which may be in digits of any script.
    path = f"/account/messages/{public}/live?after={query.whole('after') or 0}"
    relay: Relay = current_app.extensions["streams"]
    return caching.no_store(relay.get(path, headers))
