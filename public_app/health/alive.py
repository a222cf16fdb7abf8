"""/healthz: this process answers."""

from flask import Response, current_app

from shared.web import caching


def healthz() -> Response:
    return caching.no_store(current_app.response_class("ok\n", mimetype="text/plain"))
