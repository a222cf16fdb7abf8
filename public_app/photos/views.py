"""/photos/<name>: names are made from content, so a file never changes; what somebody uploaded may act on nothing."""

from functools import cache

from flask import Blueprint, Response, current_app, request
from werkzeug.wsgi import wrap_file

from shared.gateways.blobs import Blobs, blobs

blueprint = Blueprint("photos", __name__)
_FOR_EVER = "public, max-age=31536000, immutable"
_HARMLESS = "default-src 'none'; sandbox"

_store = cache(blobs)


@blueprint.get("/photos/<name>")
def photo(name: str) -> Response:
    """A photo's file; 404 for any name that none has."""
    store: Blobs = _store(current_app.config["SETTINGS"].blob_url)
    found = store.open(name)
    response: Response = current_app.response_class(
        wrap_file(request.environ, found.file), mimetype=found.media_type, direct_passthrough=True
    )
    response.call_on_close(found.file.close)  # a 304 has no body that would close it
    response.content_length = found.size
    response.headers["Cache-Control"] = _FOR_EVER
    response.headers["Content-Security-Policy"] = _HARMLESS
    response.set_etag(name.partition(".")[0])
    return response.make_conditional(request.environ)
