"""The room's blueprint."""

from flask import Blueprint, Response
from flask.blueprints import BlueprintSetupState

from shared import alerts
from shared.web import caching

blueprint = Blueprint("alerts", __name__)


@blueprint.record_once
def _install(state: BlueprintSetupState) -> None:
    extensions = state.app.extensions
    extensions["search_keys"] = alerts.key_maker(state.app.config["SETTINGS"], extensions["search_index"])


@blueprint.after_request
def _never_keep(response: Response) -> Response:
    return caching.no_store(response)
