"""Taking one's data along: everything that the site holds of an account, as one JSON file."""

import json
from collections.abc import Callable, Iterator
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from flask import Response, current_app
from flask_login import current_user, login_required

from shared import accounts, alerts, clock, complaints, listings, messaging, newsletters, preferences, webhooks
from shared.sharding import OwnerSession, read
from shared.web import caching

from .routes import blueprint

_IN_MEMORY_BYTES, _CHUNK_BYTES = 1 << 20, 64 * 1024
# Each room's part: an iterator of JSON objects, read on the owner's own shard.
EXPORTS: dict[str, Callable[[OwnerSession], Iterator[dict[str, Any]]]] = {
    "account": accounts.export,
    "listings": listings.export,
    "searches": alerts.export,
    "messages": messaging.export,
    "complaints": complaints.export,
    "mails": preferences.export,
    "newsletters": newsletters.export,
    "webhooks": webhooks.export,
}


@blueprint.get("/account/export")
@login_required
def export() -> Response:
    """The file, written row by row before it is sent: a slow reader holds neither memory nor a snapshot."""
    file = SpooledTemporaryFile(_IN_MEMORY_BYTES)  # noqa: SIM115  closed with the response
    with read(current_user.owner) as session:
        for piece in _pieces(session):
            file.write(piece.encode())
    size = file.tell()
    file.seek(0)
    response = current_app.response_class(_chunks(file), mimetype="application/json")
    response.call_on_close(file.close)  # a HEAD request reads nothing
    response.content_length = size
    response.headers["Content-Disposition"] = 'attachment; filename="my-data.json"'
    return caching.no_store(response)


def _pieces(session: OwnerSession) -> Iterator[str]:
    """One JSON object, a line for each row of each room."""
    yield f'{{\n"site": {json.dumps(current_app.config["PUBLIC_URL"])},\n"made_at": {clock.now()}'
    for name, part in EXPORTS.items():
        yield f',\n"{name}": ['
        for at, row in enumerate(part(session)):
            yield (",\n" if at else "\n") + json.dumps(row, ensure_ascii=False)
        yield "]"
    yield "\n}\n"


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while chunk := file.read(_CHUNK_BYTES):
            yield chunk
