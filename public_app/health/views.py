"""/healthz: this process answers. /readyz: everything it needs answers too, or 503 naming what does not."""

from flask import Blueprint, Response, current_app, jsonify

from shared.web import caching

from .alive import healthz
from .checks import run_all
from .dependencies import dependencies

blueprint = Blueprint("health", __name__)
blueprint.add_url_rule("/healthz", view_func=healthz)


@blueprint.get("/readyz")
def readyz() -> Response:
    outcomes = run_all(dependencies(current_app.config["SETTINGS"], current_app.extensions["search_index"]))
    failing = [outcome.name for outcome in outcomes if outcome.problem]
    checks = {
        outcome.name: {"ok": not outcome.problem, "ms": outcome.milliseconds, "problem": outcome.problem}
        for outcome in outcomes
    }
    response = jsonify(ready=not failing, failing=failing, checks=checks)
    response.status_code = 503 if failing else 200
    return caching.no_store(response)
