"""A visitor's browser without JavaScript: opens pages, fills in the forms it finds there, keeps its cookies."""

import re
from html import unescape
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

_HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')


def send_form(client: FlaskClient, path: str, action: str = "", /, **fields: Any) -> TestResponse:
    """Open `path`, fill in its form and send it to `action` (the page itself by default)."""
    hidden = {name: unescape(value) for name, value in _HIDDEN.findall(client.get(path).text)}
    return client.post(action or path, data={**hidden, **fields})
